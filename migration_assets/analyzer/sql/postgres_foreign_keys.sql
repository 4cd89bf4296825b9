-- The foreign keys of the relations, each with its pairs of columns.
SELECT
    c.conrelid::bigint,
    c.conname,
    n.nspname,
    p.relname,
    c.condeferrable,
    c.convalidated,
    array_agg(a.attname::text ORDER BY pair.place),
    array_agg(b.attname::text ORDER BY pair.place)
FROM pg_catalog.pg_constraint c
JOIN pg_catalog.pg_class p ON p.oid = c.confrelid
JOIN pg_catalog.pg_namespace n ON n.oid = p.relnamespace
CROSS JOIN LATERAL unnest(c.conkey, c.confkey) WITH ORDINALITY AS pair (own, far, place)
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = pair.own
JOIN pg_catalog.pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = pair.far
-- what stands for a part of a partitioned table repeats what stands for the whole
WHERE c.contype = 'f' AND c.conrelid = ANY (%(oids)s::oid[]) AND NOT p.relispartition
GROUP BY c.oid, c.conrelid, c.conname, n.nspname, p.relname, c.condeferrable, c.convalidated
ORDER BY c.conname, c.oid
