-- The other sessions that hold locks of these tables, each with the name that it gave itself.
SELECT DISTINCT activity.pid, coalesce(nullif(activity.application_name, ''), activity.usename, 'unnamed')
FROM pg_locks AS held
JOIN pg_stat_activity AS activity USING (pid)
JOIN pg_class AS class ON class.oid = held.relation
JOIN pg_namespace AS namespace ON namespace.oid = class.relnamespace
JOIN unnest(%(schemas)s::text[], %(names)s::text[]) AS place (schema, name)
    ON place.schema = namespace.nspname AND place.name = class.relname
WHERE held.granted
    AND held.pid <> pg_backend_pid()
ORDER BY activity.pid
