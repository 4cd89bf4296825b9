-- Every table and view of the databases, and what the server believes of it.
SELECT table_schema, table_name, table_type, engine, table_rows, data_length, table_comment, auto_increment
FROM information_schema.tables
WHERE table_schema IN %(schemas)s
ORDER BY table_schema, table_name
