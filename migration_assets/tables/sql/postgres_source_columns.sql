-- The relation's columns in order: as declared, and the type whose text their values have (domains as
-- what they stand on, enums as text, also inside arrays).
SELECT
    a.attname AS name,
    format_type(a.atttypid, a.atttypmod) AS declared,
    carried.type AS carries,
    NOT a.attnotnull AS nullable,
    coalesce(col_description(a.attrelid, a.attnum), '') AS comment
FROM pg_catalog.pg_attribute a
CROSS JOIN LATERAL (
    WITH RECURSIVE unwrapped (oid, typmod, brackets, depth) AS (
        SELECT a.atttypid, a.atttypmod, '', 0
        UNION ALL
        SELECT
            CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE element.oid END,
            CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE u.typmod END,
            CASE WHEN t.typtype = 'd' THEN u.brackets ELSE '[]' END,
            u.depth + 1
        FROM unwrapped u
        JOIN pg_catalog.pg_type t ON t.oid = u.oid
        LEFT JOIN pg_catalog.pg_type element
            ON element.oid = t.typelem AND element.typarray = t.oid AND element.typtype IN ('d', 'e')
        WHERE t.typtype = 'd' OR element.oid IS NOT NULL
    )
    SELECT
        CASE WHEN t.typtype = 'e' THEN 'text' ELSE format_type(u.oid, u.typmod) END || u.brackets AS type
    FROM unwrapped u
    JOIN pg_catalog.pg_type t ON t.oid = u.oid
    ORDER BY u.depth DESC
    LIMIT 1
) carried
WHERE a.attrelid = %(oid)s
  AND a.attnum > 0
  AND NOT a.attisdropped
ORDER BY a.attnum
