-- MariaDB's conditions on rows; their names are of one table.
SELECT constraint_schema, table_name, constraint_name, check_clause
FROM information_schema.check_constraints
WHERE constraint_schema IN %(schemas)s
ORDER BY constraint_schema, table_name, constraint_name
