-- The columns in order, generated ones too: name, declared type, whether NULL is refused, place in the primary key.
SELECT name, type, "notnull", pk FROM pragma_table_xinfo(:table, 'main')
WHERE hidden <> 1
ORDER BY cid
