-- Whether a table is there that the role may not refer to.
SELECT asked.number - 1 AS place,
       c.oid IS NOT NULL AND NOT has_table_privilege(c.oid, 'REFERENCES') AS barred
FROM unnest(%(schemas)s::text[], %(names)s::text[]) WITH ORDINALITY AS asked (schema, name, number)
LEFT JOIN pg_catalog.pg_namespace AS n ON n.nspname = asked.schema
LEFT JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = asked.name
ORDER BY asked.number
