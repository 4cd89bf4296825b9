-- What the contract of the mapping has to make of the table, said in PostgreSQL's own SQL.
SELECT l_orderkey, l_partkey, l_suppkey, l_linenumber, l_quantity,
       (l_extendedprice * 100)::bigint AS price_cents,
       (l_extendedprice * (1 - l_discount))::numeric(19,4) AS net_price,
       l_discount, l_tax,
       (CASE l_returnflag WHEN 'R' THEN 'returned' WHEN 'A' THEN 'accepted' WHEN 'N' THEN 'not received' END)
           ::varchar(12) AS return_status,
       l_linestatus = 'F' AS delivered,
       l_shipdate, l_commitdate, l_receiptdate - l_shipdate AS days_on_the_way,
       lower(l_shipinstruct)::varchar(25) AS ship_instruction,
       lower(l_shipmode)::varchar(10) AS ship_mode,
       (l_orderkey || '-' || l_linenumber)::varchar(30) AS line,
       l_comment
FROM {table}
