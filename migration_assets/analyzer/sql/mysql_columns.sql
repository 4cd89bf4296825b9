-- The columns of the databases' tables, in order.
SELECT table_schema, table_name, column_name, column_type, character_set_name, collation_name,
    is_nullable = 'YES', column_default, extra, column_comment, generation_expression
FROM information_schema.columns
WHERE table_schema IN %(schemas)s
ORDER BY table_schema, table_name, ordinal_position
