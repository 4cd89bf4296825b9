"""A backfill of many partitions in a few runs, and what "from failure" does of it, as the UI asks for it."""

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
from migration_assets.control.run import wanted
from migration_assets_tests.control.many_definitions import MANY

MODULE = "migration_assets_tests.control.many_definitions"
BAD = ("p003", "p077", "p150")
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


def asked(context: WorkspaceProcessContext, mutation: str, **variables: str) -> Any:
    done = create_schema().execute(
        mutation, context_value=context.create_request_context(), variable_values=variables
    )
    assert not done.errors, done.errors
    assert done.data
    (answer,) = done.data.values()
    return answer


def until(rounds: dagster_daemon.Rounds, ended: Callable[[], object], seconds: float = 120.0) -> None:
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
        rounds = dagster_daemon.Rounds(context, logging.getLogger("test"))
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

        # one of the runs, by itself, while its partition still fails: the others of the run stay what they are
        (failed,) = (
            run for run in runs if any(f.partition == BAD[0] for f in records.failures(instance, run))
        )
        answer = asked(context, RUN_AGAIN, run=failed.run_id)
        assert answer["__typename"] == "LaunchRunSuccess", answer
        run_id = answer["run"]["runId"]
        until(rounds, lambda: (run := instance.get_run_by_id(run_id)) and run.is_finished)
        assert {key for key, state in states(instance).items() if state != "loaded"} == set(BAD)
        assert len(moved(home)) == 197

        tell({})
        answer = asked(context, AGAIN, backfill=first)
        assert answer["__typename"] == "LaunchBackfillSuccess", answer
        until(rounds, lambda: dagster_daemon.ended(instance, answer["backfillId"]))
        assert sorted(moved(home)[197:]) == sorted(BAD)
        assert set(states(instance).values()) == {"loaded"}
