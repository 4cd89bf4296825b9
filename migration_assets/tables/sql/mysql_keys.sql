-- The columns of each unique index, in order; those of whole columns alone are keys.
SELECT table_name, index_name, column_name, sub_part IS NULL
FROM information_schema.statistics
WHERE table_schema = %(schema)s AND table_name = %(table)s AND non_unique = 0
ORDER BY index_name = 'PRIMARY' DESC, index_name, seq_in_index
