-- Every relation of the schemas that has or shows rows, and what the planner believes of it.
SELECT
    c.oid::bigint,
    n.nspname,
    c.relname,
    c.relkind::text,
    c.relispartition,
    coalesce(pg_catalog.obj_description(c.oid, 'pg_class'), ''),
    CASE WHEN c.reltuples > 0 THEN c.reltuples::bigint END,
    CASE WHEN c.relkind = 'r' THEN pg_catalog.pg_table_size(c.oid) END,
    pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT'),
    pg_catalog.row_security_active(c.oid),
    (SELECT e.extname FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
     WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e' LIMIT 1),
    (SELECT min(i.inhparent)::bigint FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid)
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm')
  AND c.relpersistence <> 't'
  AND n.nspname NOT LIKE 'pg\_%%'
  AND n.nspname <> 'information_schema'
  AND (cardinality(%(schemas)s::text[]) = 0 OR n.nspname = ANY (%(schemas)s::text[]))
ORDER BY n.nspname, c.relname
