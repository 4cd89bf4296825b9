"""The COMMIT is lost on its way, or the answer to it."""

from faults.judge import judge_run
from faults.kinds.base import told_end
from faults.proxy import proxied
from faults.trial import Trial

#: COMMITs that a run sends, about, for each partition
SOME = 4


def lost_commit(trial: Trial) -> str:
    """That of a load in most trials, else any; in some nobody is let in afterwards to ask for it."""
    with proxied(trial.world.target.address) as proxy:
        rules = proxy.rules
        rules.commit = -1 if trial.rng.random() < 0.7 else trial.rng.randint(1, SOME * len(trial.partitions))
        rules.loses = "answer" if trial.rng.random() < 0.7 else "commit"
        rules.shuts = trial.rng.random() < 0.3
        what = "the load's commit" if rules.commit < 0 else f"commit {rules.commit}"
        shut = ", then shut" if rules.shuts else ""
        trial.moment = f"{what}, {rules.loses} lost{shut}"
        trial.hears = False
        url = trial.world.target.behind(proxy.port)
        run = trial.ended(trial.start(environment=trial.world.environment(CLOUD_URL=url)))
        proxy.heal()
        judge_run(trial, run)
        return f"{proxy.passed.cuts} lost, {told_end(run.status)} after {run.retries} retries"
