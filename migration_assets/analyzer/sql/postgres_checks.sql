-- The conditions that the relations' rows have to meet.
SELECT c.conrelid::bigint, c.conname, pg_get_expr(c.conbin, c.conrelid)
FROM pg_catalog.pg_constraint c
WHERE c.contype = 'c' AND c.conrelid = ANY (%(oids)s::oid[])
ORDER BY c.conname
