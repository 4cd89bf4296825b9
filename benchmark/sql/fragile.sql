-- Ordinary types with values that drivers can read and easily change: one column a type, without an index.
CREATE TABLE {table} (
    id bigint NOT NULL,
    wide numeric(20,4),
    double double precision,
    short real,
    padded char(5),
    words varchar(20),
    day date,
    moment timestamp,
    clock time,
    document jsonb,
    plain_json json,
    address inet)
