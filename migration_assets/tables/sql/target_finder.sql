-- The block range index of that name that finds a partition's rows while its table has no key.
SELECT c.oid::bigint AS oid
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_am AS m ON m.oid = c.relam
WHERE n.nspname = %(schema)s
  AND c.relname = %(name)s
  AND m.amname = 'brin'
