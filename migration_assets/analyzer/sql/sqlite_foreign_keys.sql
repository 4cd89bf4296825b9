-- The pairs of columns of each foreign key; no name of the parent's column where its primary key is meant.
SELECT m.name, f.id, f."table", f."from", f."to"
FROM main.sqlite_master AS m, pragma_foreign_key_list(m.name, 'main') AS f
WHERE m.type = 'table'
ORDER BY m.name, f.id, f.seq
