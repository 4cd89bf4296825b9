"""A writer that is stopped (SIGSTOP), slept through a newer run, and goes on (SIGCONT)."""

import signal

from faults import reading
from faults.judge import judge_run
from faults.kinds.base import told_end
from faults.trial import Trial

#: seconds that the newer run waits for a lock until an operator ends the sleeper's sessions
PATIENCE = 0.7
END = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s AND pid = ANY (%s)"
PIDS = "SELECT array_agg(pid) FROM pg_stat_activity WHERE application_name = %s"


def stale_writer(trial: Trial) -> str:
    when = trial.pick_moment("stop")
    sleeper = trial.start(when=when)
    if not sleeper.await_stopped(20):
        run = trial.ended(sleeper)
        judge_run(trial, run)
        return f"it never slept: {told_end(run.status)}"
    sessions = reading.ask(trial.world, "target", PIDS, [reading.ENGINE])[0][0] or []
    trial.change()
    newer = trial.start()
    ended = False
    if not newer.wait(PATIENCE):
        # it holds the partition's lock; what an operator can do is to end its session
        ended = bool(reading.ask(trial.world, "target", END, [reading.ENGINE, sessions]))
    run = trial.ended(newer)
    judge_run(trial, run)
    if run.status:
        trial.violated("I4", f"the newer run {told_end(run.status)}: {'; '.join(run.failures)[:200]}")
    sleeper.signal(signal.SIGCONT)
    trial.hears = False
    stale = trial.ended(sleeper)
    judge_run(trial, stale)
    _judge(trial)
    fenced = any("the target keeps it" in failure for failure in stale.failures)
    words = "its session was ended, " if ended else ""
    return f"{words}then {told_end(stale.status)}{' at the fence' if fenced else ''}"


def _judge(trial: Trial) -> None:
    """What the newer run loaded stays: the sleeper is refused where it had read the older rows."""
    for partition in trial.partitions:
        found = reading.digest(reading.there(trial.world, trial.subject, partition))
        if found != trial.states[partition][-1].digest:
            trial.violated("I6", f"{partition}: a stale writer has replaced the newer rows")
