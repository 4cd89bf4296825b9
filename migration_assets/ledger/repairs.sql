-- What verifications repaired, one row a repaired row.
CREATE TABLE IF NOT EXISTS migration.repair (
    contract text NOT NULL,
    partition text NOT NULL,
    row_key text NOT NULL,
    done text NOT NULL CHECK (done IN ('inserted', 'updated', 'deleted')),
    repaired_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    repaired_by text NOT NULL
);

COMMENT ON TABLE migration.repair IS 'One row for each row that migrate verify --repair brought back to its source; committed with it.';
COMMENT ON COLUMN migration.repair.row_key IS 'The row''s primary key; personal values as a hash.';
