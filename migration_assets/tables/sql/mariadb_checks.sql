-- The conditions of a table's columns: a column of JSON is a text with the condition `json_valid`.
SELECT table_name, check_clause
FROM information_schema.check_constraints
WHERE constraint_schema = %(schema)s AND table_name = %(table)s
