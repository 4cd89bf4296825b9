-- The columns of each unique index over all rows but the primary key's, in order; NULL for an expression.
SELECT i.name, c.name
FROM pragma_index_list(:table, 'main') AS i, pragma_index_info(i.name, 'main') AS c
WHERE i."unique" AND NOT i.partial AND i.origin <> 'pk'
ORDER BY i.name, c.seqno
