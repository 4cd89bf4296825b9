"""A database crashes in the middle of a run and comes back."""

import signal
from collections.abc import Callable

from faults.judge import judge_run
from faults.kinds.base import told_end
from faults.trial import Trial, nap


def restart_target(trial: Trial) -> str:
    return _restarted(trial, trial.world.target.restart)


def restart_source(trial: Trial) -> str:
    if trial.subject.kind == "mariadb":
        return _restarted(trial, trial.world.mariadb().restart)
    return _restarted(trial, trial.world.source.restart)


def _restarted(trial: Trial, restart: Callable[[], None]) -> str:
    """While the run stands still at a moment of a stage, or while it goes on."""
    trial.hears = False
    if trial.rng.random() < 0.6:
        worker = trial.start(when=trial.pick_moment("stop"))
        if worker.await_stopped(20):
            restart()
            worker.signal(signal.SIGCONT)
    else:
        worker = trial.start()
        late = trial.rng.uniform(0.0, 0.1)
        trial.moment = f"{late * 1000:.0f} ms after its begin"
        nap(late)
        restart()
    run = trial.ended(worker)
    judge_run(trial, run)
    return f"{told_end(run.status)} after {run.retries} retries"
