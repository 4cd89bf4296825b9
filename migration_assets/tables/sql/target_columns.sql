-- The columns of a table in their order, as PostgreSQL prints their types, and what fills them when nothing is given.
SELECT a.attname::text AS name,
       pg_catalog.format_type(a.atttypid, a.atttypmod) AS type,
       a.atttypid::bigint AS type_oid,
       a.attnotnull OR t.typnotnull AS required,
       a.atthasdef OR t.typdefault IS NOT NULL AS filled,
       a.attidentity::text AS identity,
       a.attgenerated::text AS generated
FROM pg_catalog.pg_attribute AS a
JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
WHERE a.attrelid = %(oid)s
  AND a.attnum > 0
  AND NOT a.attisdropped
ORDER BY a.attnum
