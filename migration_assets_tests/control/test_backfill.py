"""A backfill of many partitions in a few runs, and what "from failure" does of it, as the UI asks for it."""

import asyncio
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster_graphql.schema import create_schema

from migration_assets.control import dagster_daemon, records
from migration_assets.control.plan import steps
from migration_assets.control.rounds import Rounds
from migration_assets.control.run import wanted
from migration_assets_tests.control.many_definitions import MANY

MODULE = "migration_assets_tests.control.many_definitions"
#: neighbours, so that they are in one run, and in one run when they are taken up again
BAD = ("p010", "p011", "p012")
AGAIN = """
mutation ($backfill: String!) {
  reexecutePartitionBackfill(reexecutionParams: {parentRunId: $backfill, strategy: FROM_FAILURE}) {
    __typename ... on LaunchBackfillSuccess { backfillId } ... on PythonError { message }
  }
}
"""
RUN_AGAIN = """
mutation ($run: String!) {
  launchRunReexecution(reexecutionParams: {parentRunId: $run, strategy: FROM_FAILURE}) {
    __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message }
  }
}
"""


#: as on a laptop: a small partition costs less
STORAGE = """
storage: {custom: {module: migration_assets.control.laptop_storage, class: LaptopStorage, config: {base_dir: HOME}}}
"""


@pytest.fixture
def home(home: Path) -> Path:
    file = home / "dagster.yaml"
    file.write_text(file.read_text() + STORAGE.replace("HOME", str(home / "storage")))
    return home


def asked(context: WorkspaceProcessContext, mutation: str, **variables: str) -> Any:
    answering = create_schema().execute_async(
        mutation, context_value=context.create_request_context(), variable_values=variables
    )
    done = asyncio.run(answering)
    assert not done.errors, done.errors
    assert done.data
    (answer,) = done.data.values()
    return answer


def until(rounds: Rounds, ended: Callable[[], object], seconds: float = 400.0) -> None:
    end = time.monotonic() + seconds
    while not ended():
        assert time.monotonic() < end
        rounds.ask(time.monotonic())
        rounds.serve(time.monotonic())
        time.sleep(0.2)


def states(instance: dg.DagsterInstance) -> dict[str, str]:
    (step,) = steps({"many": MANY})
    return records.states(instance, MANY, step.all_partitions)  # type: ignore[return-value]


def moved(home: Path) -> list[str]:
    """Partitions that came to be loaded, each time that they did."""
    order = home / "order"
    return [line.partition("/")[2] for line in order.read_text().split()] if order.exists() else []


def test_three_bad_partitions_of_two_hundred_fail_alone_and_from_failure_runs_only_them(
    instance: dg.DagsterInstance,
    home: Path,
    tell: Callable[[dict[str, str]], object],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(Path(__file__).resolve().parents[2])
    tell({f"many/{key}": "refused" for key in BAD})
    with dagster_daemon.code_server(instance, MODULE) as context:
        assert dagster_daemon.load_error(context) == ""
        rounds = Rounds(context, logging.getLogger("test"))
        first = dagster_daemon.submit(instance, wanted(steps({"many": MANY})), title="all", tags={})
        until(rounds, lambda: dagster_daemon.ended(instance, first))

        runs = instance.get_runs(dg.RunsFilter(tags={"dagster/backfill": first}))
        assert len(runs) <= 5
        failures = [failure for run in runs for failure in records.failures(instance, run)]
        assert {(each.partition, each.reason) for each in failures} == {
            (key, "It was told so.") for key in BAD
        }
        found = states(instance)
        assert {key for key, state in found.items() if state != "loaded"} == set(BAD)
        assert len(moved(home)) == len(set(moved(home))) == 197

        # the run, while one of its partitions still fails: the other 47 stay what they are
        tell({"many/p012": "refused"})
        (failed,) = (run for run in runs if records.failures(instance, run))
        answer = asked(context, RUN_AGAIN, run=failed.run_id)
        assert answer["__typename"] == "LaunchRunSuccess", answer
        run_id = answer["run"]["runId"]
        until(rounds, lambda: (run := instance.get_run_by_id(run_id)) and run.is_finished)
        assert moved(home)[197:] == ["p010", "p011"]
        assert {key for key, state in states(instance).items() if state != "loaded"} == {"p012"}

        # the backfill: what it has not materialized itself
        tell({})
        answer = asked(context, AGAIN, backfill=first)
        assert answer["__typename"] == "LaunchBackfillSuccess", answer
        until(rounds, lambda: dagster_daemon.ended(instance, answer["backfillId"]))
        assert dagster_daemon.ended(instance, answer["backfillId"]) == "COMPLETED_SUCCESS"
        assert moved(home)[199:] == list(BAD)
        assert set(states(instance).values()) == {"loaded"}
