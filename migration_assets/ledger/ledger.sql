-- The ledger: one row a load, and one a row that was not loaded.
CREATE SCHEMA IF NOT EXISTS migration;

CREATE TABLE IF NOT EXISTS migration.load (
    contract text NOT NULL,
    partition text NOT NULL,
    generation bigint NOT NULL CHECK (generation > 0),
    run_id text NOT NULL,
    contract_version text NOT NULL,
    extracted bigint NOT NULL,
    loaded bigint NOT NULL,
    quarantined bigint NOT NULL,
    fingerprint text NOT NULL,
    loaded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    state text NOT NULL,
    staged text NOT NULL,
    contract_digest text,
    source_fingerprint text,
    source_watermark text,
    PRIMARY KEY (contract, partition, generation),
    CHECK (extracted = loaded + quarantined)
);

-- a ledger that was made before these were kept
ALTER TABLE migration.load ADD COLUMN IF NOT EXISTS contract_digest text;
ALTER TABLE migration.load ADD COLUMN IF NOT EXISTS source_fingerprint text;
ALTER TABLE migration.load ADD COLUMN IF NOT EXISTS source_watermark text;

COMMENT ON TABLE migration.load IS 'One row for each verified load of a partition; committed with its rows.';
COMMENT ON COLUMN migration.load.generation IS 'The n-th load of the partition; it only grows.';
COMMENT ON COLUMN migration.load.extracted IS 'Rows read from the source: loaded + quarantined, always.';
COMMENT ON COLUMN migration.load.fingerprint IS 'Rows and 128-bit hash of them, read back from this database.';
COMMENT ON COLUMN migration.load.state IS 'loaded, or rolled_back for an earlier generation put back.';
COMMENT ON COLUMN migration.load.staged IS 'The staged set that the rows came from.';
COMMENT ON COLUMN migration.load.contract_digest IS 'Hash of what in the contract decides which rows these are.';
COMMENT ON COLUMN migration.load.source_fingerprint IS 'Rows and 128-bit hash of them, as they were in the source.';
COMMENT ON COLUMN migration.load.source_watermark IS 'Watermark column and its highest value in the source then.';

CREATE TABLE IF NOT EXISTS migration.quarantine (
    contract text NOT NULL,
    partition text NOT NULL,
    generation bigint NOT NULL,
    row_key text NOT NULL,
    reason text NOT NULL,
    row jsonb NOT NULL,
    FOREIGN KEY (contract, partition, generation) REFERENCES migration.load
);

CREATE INDEX IF NOT EXISTS quarantine_load ON migration.quarantine (contract, partition, generation);
COMMENT ON TABLE migration.quarantine IS 'Rows that a contract does not let into its table, as the source had them.';
REVOKE ALL ON migration.quarantine FROM PUBLIC;
