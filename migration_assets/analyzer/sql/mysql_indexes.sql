-- The columns of each index, in order; no name for an expression, a length for the beginning of a column.
SELECT table_schema, table_name, index_name, non_unique = 0, index_type, column_name, sub_part
FROM information_schema.statistics
WHERE table_schema IN %(schemas)s
ORDER BY table_schema, table_name, index_name, seq_in_index
