-- What the role may do beyond the contracts' own tables: the ledger, temporary tables, parents of references.
SELECT current_user::text AS role,
       current_database()::text AS database,
       has_database_privilege(current_database(), 'TEMP') AS temporary,
       has_database_privilege(current_database(), 'CREATE') AS create_schema,
       n.oid IS NOT NULL AS ledger_schema,
       coalesce(has_schema_privilege(n.oid, 'USAGE'), false) AS use_ledger,
       coalesce(has_schema_privilege(n.oid, 'CREATE'), false) AS create_in_ledger,
       l.oid IS NOT NULL AND q.oid IS NOT NULL AS ledger,
       coalesce(has_table_privilege(l.oid, 'SELECT') AND has_table_privilege(l.oid, 'INSERT')
                AND has_table_privilege(q.oid, 'INSERT'), false) AS write_ledger
FROM (SELECT) AS one
LEFT JOIN pg_catalog.pg_namespace AS n ON n.nspname = 'migration'
LEFT JOIN pg_catalog.pg_class AS l ON l.relnamespace = n.oid AND l.relname = 'load'
LEFT JOIN pg_catalog.pg_class AS q ON q.relnamespace = n.oid AND q.relname = 'quarantine'
