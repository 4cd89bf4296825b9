-- Sets of whole columns that the relation keeps unique for all its rows, the primary key first.
SELECT
    i.indisprimary AS is_primary,
    array_agg(a.attname::text ORDER BY key.place) AS columns
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
CROSS JOIN LATERAL unnest(i.indkey[0:i.indnkeyatts - 1]) WITH ORDINALITY AS key (attnum, place)
JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = key.attnum
WHERE i.indrelid = %(oid)s
  AND i.indisunique
  AND i.indisvalid
  AND i.indpred IS NULL
  AND i.indexprs IS NULL
GROUP BY i.indexrelid, i.indisprimary, c.relname
ORDER BY i.indisprimary DESC, c.relname
