-- The sessions that hold the locks of these keys, each with the name that it gave itself.
SELECT activity.pid, coalesce(nullif(activity.application_name, ''), 'unnamed')
FROM pg_locks AS held
JOIN pg_stat_activity AS activity USING (pid)
WHERE held.locktype = 'advisory'
    AND held.granted
    AND held.objsubid = 1
    AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND (held.classid::bigint << 32 | held.objid::bigint) = ANY (%(keys)s::bigint[])
ORDER BY activity.pid
