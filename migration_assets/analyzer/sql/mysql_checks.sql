-- MySQL's conditions on rows.
SELECT t.table_schema, t.table_name, c.constraint_name, c.check_clause
FROM information_schema.table_constraints t
JOIN information_schema.check_constraints c
    ON c.constraint_schema = t.constraint_schema AND c.constraint_name = t.constraint_name
WHERE t.table_schema IN %(schemas)s AND t.constraint_type = 'CHECK'
ORDER BY t.table_schema, t.table_name, c.constraint_name
