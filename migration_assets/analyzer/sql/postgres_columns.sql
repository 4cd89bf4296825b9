-- The columns of the relations in order: as declared, and the type whose text their values have (domains
-- as what they stand on, enums as text, also inside arrays), found once for each type.
WITH RECURSIVE columns AS (
    SELECT a.* FROM pg_catalog.pg_attribute a
    WHERE a.attrelid = ANY (%(oids)s::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
),
kinds AS (
    SELECT DISTINCT atttypid, atttypmod FROM columns
),
unwrapped (typid, mod, oid, typmod, brackets, depth) AS (
    SELECT atttypid, atttypmod, atttypid, atttypmod, '', 0 FROM kinds
    UNION ALL
    SELECT
        u.typid,
        u.mod,
        CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE element.oid END,
        CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE u.typmod END,
        CASE WHEN t.typtype = 'd' THEN u.brackets ELSE '[]' END,
        u.depth + 1
    FROM unwrapped u
    JOIN pg_catalog.pg_type t ON t.oid = u.oid
    LEFT JOIN pg_catalog.pg_type element
        ON element.oid = t.typelem AND element.typarray = t.oid AND element.typtype IN ('d', 'e')
    WHERE t.typtype = 'd' OR element.oid IS NOT NULL
),
carried AS (
    SELECT DISTINCT ON (u.typid, u.mod)
        u.typid,
        u.mod,
        CASE WHEN t.typtype = 'e' THEN 'text' ELSE format_type(u.oid, u.typmod) END || u.brackets AS type,
        CASE WHEN t.typtype = 'e' AND u.brackets = ''
            THEN ARRAY(SELECT e.enumlabel::text FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid
                       ORDER BY e.enumsortorder)
            ELSE '{}'
        END AS labels
    FROM unwrapped u
    JOIN pg_catalog.pg_type t ON t.oid = u.oid
    ORDER BY u.typid, u.mod, u.depth DESC
)
SELECT
    a.attrelid::bigint,
    a.attname,
    format_type(a.atttypid, a.atttypmod),
    carried.type,
    NOT a.attnotnull,
    CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END,
    a.attidentity::text,
    CASE WHEN a.attgenerated <> '' THEN pg_get_expr(d.adbin, d.adrelid) END,
    carried.labels,
    coalesce(col_description(a.attrelid, a.attnum), ''),
    CASE WHEN t.typtype = 'd' THEN ARRAY(
        SELECT pg_get_expr(k.conbin, 0) FROM pg_catalog.pg_constraint k
        WHERE k.contypid = t.oid AND k.contype = 'c' ORDER BY k.conname
    ) ELSE '{}' END,
    (SELECT l.collname FROM pg_catalog.pg_collation l
     WHERE l.oid = a.attcollation AND a.attcollation <> t.typcollation)
FROM columns a
JOIN carried ON carried.typid = a.atttypid AND carried.mod = a.atttypmod
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
ORDER BY a.attrelid, a.attnum
