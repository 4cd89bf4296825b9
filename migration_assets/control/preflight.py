"""Pre-flights of contracts, by pairs of source and target; the same for the command and for Dagster."""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import yaml

from migration_assets.analyzer.preflight.check import Asked, Preflight, pairs, preflight
from migration_assets.contracts.model import Contract
from migration_assets.control.project import DAGSTER_HOME
from migration_assets.staging.root import staging_of
from migration_assets.tables.lanes import number_of_lanes

#: how many runs Dagster starts at once where its `dagster.yaml` says nothing
RUNS = 10


def preflights(
    chosen: Mapping[str, Contract], every: Mapping[str, Contract], environment: Mapping[str, str]
) -> Iterator[Preflight]:
    """One for each source and target; ConnectionRefused where the environment cannot be understood."""
    staging, lanes = staging_of(environment), at_once(environment)
    for contracts in pairs(chosen).values():
        yield preflight(Asked(contracts, every, environment, staging, lanes))


def at_once(environment: Mapping[str, str]) -> int:
    """How many connections to one side there may be: every run, and every lane of it."""
    runs = runs_at_once(environment)
    return runs * (number_of_lanes(environment) + 1)


def runs_at_once(environment: Mapping[str, str]) -> int:
    """`concurrency.runs.max_concurrent_runs` of `dagster.yaml`, or of the older `run_coordinator`."""
    file = Path(environment.get(DAGSTER_HOME) or os.getcwd()) / "dagster.yaml"
    try:
        said = yaml.safe_load(file.read_text("utf-8"))
    except (OSError, yaml.YAMLError):
        return RUNS
    for path in (
        ("concurrency", "runs", "max_concurrent_runs"),
        ("run_coordinator", "config", "max_concurrent_runs"),
    ):
        found = _at(said, path)
        if isinstance(found, int) and found > 0:
            return found
    return RUNS


def _at(said: object, path: Sequence[str]) -> object:
    for word in path:
        said = said.get(word) if isinstance(said, dict) else None
    return said
