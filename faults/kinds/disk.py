"""A disk is full: that of staging, or of the target's table."""

from pathlib import Path

from faults import mounts
from faults.judge import judge_run
from faults.kinds.base import told_end
from faults.trial import Trial


def disk_staging(trial: Trial) -> str:
    return _full(trial, trial.world.staging, trial.rng.choice((0, 4096, 8192, trial.rng.randrange(200_000))))


def disk_tablespace(trial: Trial) -> str:
    return _full(
        trial, trial.world.tablespace, trial.rng.choice((0, 8192, 16384, trial.rng.randrange(100_000)))
    )


def _full(trial: Trial, disk: Path, left: int) -> str:
    trial.moment = f"{left} bytes left"
    mounts.fill(disk, left)
    try:
        run = trial.ended(trial.start())
    finally:
        mounts.empty(disk)
    judge_run(trial, run)
    return f"{told_end(run.status)} after {run.retries} retries"
