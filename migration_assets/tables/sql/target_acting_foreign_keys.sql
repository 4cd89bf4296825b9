-- The foreign keys that delete or empty rows of another table when rows of this one are deleted.
SELECT f.conname::text AS name,
       n.nspname::text AS schema,
       c.relname::text AS child,
       f.confdeltype::text AS action,
       has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT') AS readable
FROM pg_catalog.pg_constraint AS f
JOIN pg_catalog.pg_class AS c ON c.oid = f.conrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE f.confrelid = %(oid)s
  AND f.contype = 'f'
  AND f.conparentid = 0
  AND f.confdeltype IN ('c', 'n', 'd')
ORDER BY n.nspname, c.relname, f.conname
