-- The valid indexes of a table that are made of columns alone and cover all of its rows.
SELECT c.relname::text AS name,
       i.indisunique AS is_unique,
       i.indisprimary AS is_primary,
       i.indimmediate AS is_immediate,
       array_agg(a.attname::text ORDER BY k.place) AS columns
FROM pg_catalog.pg_index AS i
JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_am AS m ON m.oid = c.relam
CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k (number, place)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.number
WHERE i.indrelid = %(oid)s
  AND i.indisvalid
  AND i.indpred IS NULL
  AND i.indexprs IS NULL
  AND m.amname = 'btree'
  AND k.place <= i.indnkeyatts
GROUP BY c.relname, i.indisunique, i.indisprimary, i.indimmediate
ORDER BY c.relname
