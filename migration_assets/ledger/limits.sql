-- Limits of servers, as `migrate limits` says them; NULL: as the contract has it, 0: none.
CREATE TABLE IF NOT EXISTS migration.limits (
    server text PRIMARY KEY,
    rows_per_second bigint CHECK (rows_per_second >= 0),
    bytes_per_second bigint CHECK (bytes_per_second >= 0),
    connections integer CHECK (connections >= 0),
    batch_rows integer CHECK (batch_rows >= 0),
    busy_above integer CHECK (busy_above >= 0),
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    changed_by text NOT NULL DEFAULT session_user
);

COMMENT ON TABLE migration.limits IS 'Limits of servers, shared by all runs; NULL: as the contract has it, 0: none.';

-- What was moved and is not yet paid for by time, or how busy a server was; nothing is lost with it.
CREATE UNLOGGED TABLE IF NOT EXISTS migration.throttle (
    server text NOT NULL,
    measure text NOT NULL,
    amount double precision NOT NULL,
    rate double precision NOT NULL,
    as_of timestamptz NOT NULL,
    PRIMARY KEY (server, measure)
) WITH (fillfactor = 10);

COMMENT ON TABLE migration.throttle IS 'What was moved against the limits and is not yet paid for by time.';
