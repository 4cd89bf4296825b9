-- What people said of waves; what Dagster shows of it can be told again from here.
CREATE TABLE IF NOT EXISTS migration.wave_decision (
    wave text NOT NULL,
    digest text NOT NULL,
    decision text NOT NULL CHECK (decision IN ('approved', 'released')),
    number bigint NOT NULL CHECK (number > 0),
    decided_by text NOT NULL,
    decided_at timestamptz NOT NULL,
    PRIMARY KEY (wave, digest, decision, number)
);

COMMENT ON TABLE migration.wave_decision IS 'One row for each approval and release of a wave, in every target that it fills.';
COMMENT ON COLUMN migration.wave_decision.digest IS 'Digest of what the wave moves; a decision holds for just that.';
COMMENT ON COLUMN migration.wave_decision.decision IS 'approved: it may start; released: it may go on after a failure.';
COMMENT ON COLUMN migration.wave_decision.number IS 'The n-th of its kind for what the wave moves.';
COMMENT ON COLUMN migration.wave_decision.decided_by IS 'Who says so, as given; the user of the machine where nothing was given.';
