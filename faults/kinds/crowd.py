"""Eight runs of the same partitions at once."""

from faults import reading
from faults.judge import judge_run
from faults.trial import Trial

MANY = 8


def crowd(trial: Trial) -> str:
    """Each partition is loaded by some and refused to the others, as it comes: few runs are first in all."""
    trial.moment = f"{MANY} at once"
    workers = [trial.start() for _ in range(MANY)]
    runs = [trial.ended(worker) for worker in workers]
    for run in runs:
        judge_run(trial, run)
    done = sum(1 for run in runs if run.status == 0)
    if any(run.status not in (0, 1) for run in runs):
        trial.violated("I9", "a run was ended by a signal that nobody sent")
    for partition in trial.partitions:
        _judge(trial, partition)
    return f"{done} came to their end, {MANY - done} were refused"


def _judge(trial: Trial, partition: str) -> None:
    loads = reading.ledger(trial.world, trial.subject, partition)
    new = [one for one in loads if one.generation > trial.loads_before[partition]]
    said = sum(1 for run in trial.runs if "loaded" in run.done[partition])
    if not new:
        trial.violated("I4", f"{partition}: none of the runs loaded it")
    if len(new) != said:
        trial.violated("I6", f"{partition}: {said} runs say that they loaded it, the ledger has {len(new)}")
