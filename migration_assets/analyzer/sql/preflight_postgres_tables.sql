-- Of each table: whether it is there, and whether the role may read it all and may write to it.
SELECT asked.number - 1 AS place,
       n.oid IS NOT NULL AS has_schema,
       n.oid IS NOT NULL AND has_schema_privilege(n.oid, 'USAGE') AS use_schema,
       c.oid IS NOT NULL AS present,
       coalesce(has_table_privilege(c.oid, 'SELECT'), false) AS readable,
       coalesce(c.relrowsecurity AND row_security_active(c.oid), false) AS hidden,
       coalesce(has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE'), false) AS writable
FROM unnest(%(schemas)s::text[], %(names)s::text[]) WITH ORDINALITY AS asked (schema, name, number)
LEFT JOIN pg_catalog.pg_namespace AS n ON n.nspname = asked.schema
LEFT JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = asked.name
ORDER BY asked.number
