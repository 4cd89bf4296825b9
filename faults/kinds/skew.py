"""The run's clock is days back, or ahead; so are the times of the files that it stages."""

import os
import time

from faults.judge import judge_run
from faults.kinds.base import told_end
from faults.trial import Trial

DAYS_BACK, AHEAD = -3 * 86_400.0, 3_600.0


def clock(trial: Trial) -> str:
    """It is killed in half of the trials, so that the next run, in the right time, finds its sets."""
    off = DAYS_BACK if trial.rng.random() < 0.75 else AHEAD
    when = trial.pick_moment("kill") if trial.rng.random() < 0.5 else None
    trial.moment = f"{off / 86_400:+.2f} days{f', killed {when}' if when else ''}"
    begun = time.time()
    run = trial.ended(trial.start(when=when, clock=off))
    for place in trial.world.staging.rglob("*"):
        found = place.stat().st_mtime
        if found >= begun - 1:
            os.utime(place, (found + off, found + off))
    judge_run(trial, run)
    return told_end(run.status)
