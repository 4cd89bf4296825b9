"""The connection to a database is cut: after so many bytes, in one direction or the other."""

import math
from collections.abc import Callable

from faults.judge import judge_run
from faults.kinds.base import told_end
from faults.proxy import Address, Direction, Proxy, proxied
from faults.trial import Trial

#: bytes that a run sends and receives at most, about
MOST = 200_000


def cut_source(trial: Trial) -> str:
    name, address, behind = _source(trial)
    with proxied(address) as proxy:
        return _cut(trial, proxy, {name: behind(proxy.port)})


def cut_target(trial: Trial) -> str:
    with proxied(trial.world.target.address) as proxy:
        return _cut(trial, proxy, {"CLOUD_URL": trial.world.target.behind(proxy.port)})


def _source(trial: Trial) -> tuple[str, Address, Callable[[int], str]]:
    if trial.subject.kind == "mariadb":
        server = trial.world.mariadb()
        return "STOCK_URL", server.address, server.behind
    return "LEGACY_URL", trial.world.source.address, trial.world.source.behind


def _cut(trial: Trial, proxy: Proxy, changes: dict[str, str]) -> str:
    """Once, or every connection after as many bytes, so that no retry helps."""
    direction: Direction = trial.rng.choice(("up", "down"))
    left = int(math.exp(trial.rng.uniform(0.0, math.log(MOST))))
    for_ever = trial.rng.random() < 0.3
    proxy.rules.left[direction] = left
    proxy.rules.again[direction] = left if for_ever else None
    trial.moment = f"{'every ' if for_ever else ''}{left} bytes {direction}"
    trial.hears = False
    worker = trial.start(environment=trial.world.environment(**changes))
    run = trial.ended(worker)
    proxy.heal()
    judge_run(trial, run)
    return f"{proxy.passed.cuts} cuts, {told_end(run.status)} after {run.retries} retries"
