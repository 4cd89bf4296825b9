-- The foreign keys of a table, with the columns of both sides in the same order.
SELECT f.conname::text AS name,
       f.confrelid::bigint AS parent_oid,
       f.convalidated AS validated,
       f.condeferrable AS deferrable,
       array_agg(child.attname::text ORDER BY k.place) AS columns,
       array_agg(parent.attname::text ORDER BY k.place) AS parent_columns
FROM pg_catalog.pg_constraint AS f
CROSS JOIN LATERAL unnest(f.conkey, f.confkey) WITH ORDINALITY AS k (number, parent_number, place)
JOIN pg_catalog.pg_attribute AS child ON child.attrelid = f.conrelid AND child.attnum = k.number
JOIN pg_catalog.pg_attribute AS parent ON parent.attrelid = f.confrelid AND parent.attnum = k.parent_number
WHERE f.conrelid = %(oid)s
  AND f.contype = 'f'
GROUP BY f.oid, f.conname, f.confrelid, f.convalidated, f.condeferrable
ORDER BY f.conname
