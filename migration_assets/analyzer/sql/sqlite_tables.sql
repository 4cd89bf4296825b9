-- Everything that has or shows rows, in any letter case, with the statement that made it.
SELECT m.name, m.type, coalesce(l.type, m.type), coalesce(l.wr, 0), coalesce(m.sql, '')
FROM main.sqlite_master AS m
LEFT JOIN pragma_table_list AS l ON l.schema = 'main' AND l.name = m.name
WHERE m.type IN ('table', 'view')
ORDER BY m.name
