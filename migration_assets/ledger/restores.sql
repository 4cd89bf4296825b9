-- What was asked to be rolled back, one row a partition, so that whoever is interrupted completes just that.
CREATE TABLE IF NOT EXISTS migration.restore (
    restore text NOT NULL,
    contract text NOT NULL,
    partition text NOT NULL,
    before bigint NOT NULL CHECK (before > 0),
    generation bigint NOT NULL CHECK (generation >= 0),
    discard boolean NOT NULL,
    asked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    asked_by text NOT NULL,
    recorded_at timestamptz,
    PRIMARY KEY (restore, contract, partition)
);

COMMENT ON TABLE migration.restore IS 'One row for each partition that was asked to be rolled back.';
COMMENT ON COLUMN migration.restore.before IS 'The newest generation when it was asked; the rollback is the next one.';
COMMENT ON COLUMN migration.restore.generation IS 'The generation whose rows are put back; 0 empties the partition.';
COMMENT ON COLUMN migration.restore.discard IS 'Whether rows that were changed in the target since may be lost.';
COMMENT ON COLUMN migration.restore.recorded_at IS 'When Dagster had it on record, or when it was given up.';
