"""kill -9, of a run with everything that it started, or of its first process alone."""

from faults.job import STAGES
from faults.judge import judge_run
from faults.kinds.base import told_end
from faults.nursery import group_lives
from faults.trial import Trial, nap

#: seconds that lanes have to end when their run is gone
ORPHANED = 5.0


def kill_group(trial: Trial) -> str:
    """At a moment inside of a stage; in a third of the trials at any time after it began."""
    if trial.rng.random() < 0.66:
        return _killed_inside(trial)
    return _killed_outside(trial, group=True)


def kill_parent(trial: Trial) -> str:
    """The run has opened lanes, processes of their own: without it, they must not go on."""
    worker = trial.start()
    if trial.rng.random() < 0.7:
        # a lane's word comes when a stage is done: by then all lanes are at work
        stage, partition = trial.rng.choice(STAGES), trial.rng.choice(trial.partitions)
        late = trial.rng.uniform(0.0, 0.06)
        trial.moment = f"{late * 1000:.0f} ms after {stage} {partition}"
        worker.await_told(60, partition, stage, "result")
    else:
        late = trial.rng.uniform(0.0, 1.6)
        trial.moment = f"{late:.1f} s after its begin"
    nap(late)
    worker.kill(group=False)
    worker.wait(10)
    until = ORPHANED
    while group_lives(worker.pid) and until > 0:
        nap(0.05)
        until -= 0.05
    if group_lives(worker.pid):
        trial.violated("I4", f"lanes of a dead run still go on after {ORPHANED:.0f} s")
        worker.kill()
    run = trial.ended(worker)
    judge_run(trial, run)
    return f"the parent {told_end(run.status)}, after {len(worker.told())} words"


def _killed_inside(trial: Trial) -> str:
    when = trial.pick_moment("kill")
    worker = trial.start(when=when)
    run = trial.ended(worker)
    judge_run(trial, run)
    name = next((told.text for told in worker.told() if told.event == "moment"), "")
    return f"{told_end(run.status)}{f' at {name}' if name else ''}"


def _killed_outside(trial: Trial, *, group: bool) -> str:
    stage = trial.rng.choice(STAGES)
    partition = trial.rng.choice(trial.partitions)
    late = trial.rng.uniform(0.0, 0.06)
    trial.moment = f"{late * 1000:.0f} ms into {stage} {partition}"
    worker = trial.start()
    worker.await_told(20, partition, stage)
    nap(late)
    worker.kill(group=group)
    run = trial.ended(worker)
    judge_run(trial, run)
    return told_end(run.status)
