-- The columns in order, generated ones too: 2 and 3 in the last column say so.
SELECT m.name, x.name, x.type, x."notnull", x.dflt_value, x.pk, x.hidden
FROM main.sqlite_master AS m, pragma_table_xinfo(m.name, 'main') AS x
WHERE m.type = 'table' AND x.hidden <> 1
ORDER BY m.name, x.cid
