-- The sequences that fill columns of a table: of an identity, owned by a column, or called by its default.
SELECT DISTINCT a.attname::text AS column_name,
       format_type(a.atttypid, NULL) AS column_type,
       n.nspname::text AS schema,
       s.relname::text AS name,
       q.seqincrement AS increment,
       q.seqmax AS highest,
       has_sequence_privilege(s.oid, 'SELECT') AS readable,
       has_sequence_privilege(s.oid, 'SELECT') AND has_sequence_privilege(s.oid, 'UPDATE') AS usable
FROM pg_catalog.pg_depend AS d
JOIN pg_catalog.pg_class AS s
  ON s.relkind = 'S'
 AND ((d.classid = 'pg_class'::regclass AND d.objid = s.oid AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i'))
   OR (d.classid = 'pg_attrdef'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = s.oid))
JOIN pg_catalog.pg_namespace AS n ON n.oid = s.relnamespace
JOIN pg_catalog.pg_sequence AS q ON q.seqrelid = s.oid
LEFT JOIN pg_catalog.pg_attrdef AS e ON d.classid = 'pg_attrdef'::regclass AND e.oid = d.objid
JOIN pg_catalog.pg_attribute AS a
  ON a.attrelid = %(oid)s
 AND ((e.oid IS NULL AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum)
   OR (e.adrelid = a.attrelid AND e.adnum = a.attnum))
WHERE a.attnum > 0
  AND NOT a.attisdropped
ORDER BY 1, 3, 4
