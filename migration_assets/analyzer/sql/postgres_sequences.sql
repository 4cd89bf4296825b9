-- The sequences of the schemas, how far they are, and the column that each belongs to.
SELECT s.schemaname, s.sequencename, s.last_value, s.max_value, n.nspname, t.relname, a.attname
FROM pg_catalog.pg_sequences s
JOIN pg_catalog.pg_namespace own ON own.nspname = s.schemaname
JOIN pg_catalog.pg_class c ON c.relname = s.sequencename AND c.relnamespace = own.oid AND c.relkind = 'S'
LEFT JOIN pg_catalog.pg_depend d
    ON d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid
    AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.deptype IN ('a', 'i')
LEFT JOIN pg_catalog.pg_class t ON t.oid = d.refobjid
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
WHERE s.schemaname NOT LIKE 'pg\_%%'
  AND (cardinality(%(schemas)s::text[]) = 0 OR s.schemaname = ANY (%(schemas)s::text[]))
ORDER BY s.schemaname, s.sequencename
