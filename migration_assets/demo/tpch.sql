-- Where tpchgen-cli's CSV files arrive: its eight tables, gone at the end of the connection.

CREATE TEMP TABLE region (key integer, name text, comment text);
CREATE TEMP TABLE nation (key integer, name text, region integer, comment text);
CREATE TEMP TABLE supplier (
    key integer, name text, address text, nation integer, phone text, balance numeric, comment text);
CREATE TEMP TABLE customer (
    key integer, name text, address text, nation integer, phone text, balance numeric, segment text,
    comment text);
CREATE TEMP TABLE part (
    key integer, name text, manufacturer text, brand text, type text, size integer, container text,
    price numeric, comment text);
CREATE TEMP TABLE partsupp (part integer, supplier integer, available integer, cost numeric, comment text);
CREATE TEMP TABLE orders (
    key bigint, customer integer, status text, total numeric, ordered text, priority text, clerk text,
    ship_priority integer, comment text);
CREATE TEMP TABLE lineitem (
    orders bigint, part integer, supplier integer, number integer, quantity numeric, price numeric,
    discount numeric, tax numeric, return_flag text, status text, shipped text, committed text,
    received text, instruction text, mode text, comment text);
