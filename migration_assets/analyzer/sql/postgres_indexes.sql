-- The valid indexes of the relations: the primary key's, the unique ones, the others.
SELECT
    i.indrelid::bigint,
    x.relname,
    i.indisprimary,
    i.indisunique,
    i.indexprs IS NOT NULL,
    pg_get_expr(i.indpred, i.indrelid),
    m.amname,
    array_agg(a.attname::text ORDER BY key.place) FILTER (WHERE key.place <= i.indnkeyatts)
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
JOIN pg_catalog.pg_am m ON m.oid = x.relam
CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS key (attnum, place)
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = key.attnum
WHERE i.indrelid = ANY (%(oids)s::oid[]) AND i.indisvalid
GROUP BY i.indexrelid, i.indrelid, x.relname, i.indisprimary, i.indisunique, i.indexprs IS NOT NULL,
    pg_get_expr(i.indpred, i.indrelid), m.amname
ORDER BY x.relname
