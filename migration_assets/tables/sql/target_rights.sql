-- What the role of the connection may do with the schema and the table; NULL for what is not there.
SELECT current_user::text AS role,
       current_database()::text AS database,
       has_database_privilege(current_database(), 'CREATE') AS create_schema,
       has_schema_privilege(n.oid, 'USAGE') AS use_schema,
       has_schema_privilege(n.oid, 'CREATE') AS create_table,
       has_table_privilege(c.oid, 'SELECT') AS select_rows,
       has_table_privilege(c.oid, 'INSERT') AS insert_rows,
       has_table_privilege(c.oid, 'UPDATE') AS update_rows,
       has_table_privilege(c.oid, 'DELETE') AS delete_rows
FROM (SELECT) AS one
LEFT JOIN pg_catalog.pg_namespace AS n ON n.nspname = %(schema)s
LEFT JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = %(name)s
