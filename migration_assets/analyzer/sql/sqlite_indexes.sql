-- The columns of each index in order; no name for an expression.
SELECT m.name, l.name, l."unique", l.origin, l.partial, i.name
FROM main.sqlite_master AS m, pragma_index_list(m.name, 'main') AS l, pragma_index_info(l.name, 'main') AS i
WHERE m.type = 'table'
ORDER BY m.name, l.name, i.seqno
