-- The columns of a table or view, in order.
SELECT table_name, column_name, column_type, character_set_name, is_nullable = 'YES', column_comment
FROM information_schema.columns
WHERE table_schema = %(schema)s AND table_name = %(table)s
ORDER BY ordinal_position
