"""A whole `migrate run`: a real instance, real code servers and run processes; only rows are not real."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest
from dagster._daemon.types import DaemonHeartbeat

from migration_assets.control import dagster_daemon
from migration_assets.control.plan import steps
from migration_assets.control.progress import Progress
from migration_assets.control.run import run
from migration_assets.control.verdict import ContractVerdict, Verdict
from migration_assets_tests.control.conftest import FAKE as MODULE
from migration_assets_tests.control.conftest import Served
from migration_assets_tests.control.shop import CONTRACTS

Tell = Callable[[dict[str, str]], object]


@pytest.fixture
def home(served: Served) -> Path:
    return served.home


@pytest.fixture
def instance(served: Served) -> dg.DagsterInstance:
    return served.instance


def moved(instance: dg.DagsterInstance, home: Path, *names: str, **options) -> Verdict:
    return run(instance, steps(CONTRACTS, names), home / "own", module=MODULE, pause=0.2, **options)


def of(verdict: Verdict, name: str) -> ContractVerdict:
    (found,) = [contract for contract in verdict.contracts if contract.contract == name]
    return found


def tags(instance: dg.DagsterInstance) -> list[dict[str, str]]:
    return [dict(run.tags) for run in instance.get_runs()]


def test_everything_is_moved_in_order_and_verified(instance: dg.DagsterInstance, home: Path) -> None:
    seen: list[Progress] = []
    verdict = moved(instance, home, on_progress=seen.append)

    assert verdict.verified
    assert {each.contract: (each.loaded, each.rows) for each in verdict.contracts} == {
        "countries": (1, 10),
        "customers": (1, 10),
        "orders": (5, 50),
    }
    assert seen[-1].loaded == seen[-1].partitions == 7
    order = (home / "order").read_text().split()
    assert order.index("customers/all") < min(order.index(f"orders/{key}") for key in "abcd")
    runs = tags(instance)
    assert {each["migration/run"] for each in runs} == {verdict.run}
    assert {each["dagster/priority"] for each in runs} == {"0", "5"}
    sides = [tuple(sorted(name for name in each if name.startswith("migration."))) for each in runs]
    assert all(sides), "each says whether it reads the source, fills the target, or both"
    assert {name for each in sides for name in each} == {"migration.source/legacy", "migration.target/cloud"}


def test_one_refused_partition_is_named_and_the_others_are_moved(
    instance: dg.DagsterInstance, home: Path, tell: Tell
) -> None:
    tell({"orders/b": "refused"})
    verdict = moved(instance, home)

    assert not verdict.verified
    orders = of(verdict, "orders")
    assert [(each.partition, each.stage, each.reason) for each in orders.failures] == [
        ("b", "loaded", "It was told so.")
    ]
    assert orders.loaded == 4
    assert orders.checks["count"].failed == 1
    assert of(verdict, "customers").verified

    tell({})
    again = run(instance, steps(CONTRACTS, ["orders"], wanted=["b"]), home / "own", module=MODULE, pause=0.2)
    assert again.verified
    assert [each.contract for each in again.contracts] == ["orders"]


def test_a_child_waits_for_its_parent_and_says_so_when_it_waited_in_vain(
    instance: dg.DagsterInstance, home: Path, tell: Tell
) -> None:
    tell({"customers/all": "refused"})
    orders = of(moved(instance, home), "orders")
    assert orders.loaded == 0
    assert {each.reason for each in orders.failures} == {"Its parent customers is not wholly loaded."}


def test_a_run_whose_process_was_killed_is_started_again(
    instance: dg.DagsterInstance, home: Path, tell: Tell
) -> None:
    tell({"orders/b": "killed once"})
    verdict = moved(instance, home, "orders")
    assert verdict.verified
    statuses = sorted(run.status.value for run in instance.get_runs())
    assert statuses == ["FAILURE", "SUCCESS"]


def test_asked_to_stop_it_cancels_the_runs_and_tells_what_is_not_there(
    instance: dg.DagsterInstance, home: Path, tell: Tell
) -> None:
    tell({"orders/b": "slow"})
    seen: list[Progress] = []
    verdict = moved(
        instance,
        home,
        "orders",
        on_progress=seen.append,
        stopping=lambda: bool(seen) and seen[-1].loaded > 0,
    )
    assert not verdict.verified
    assert [run.status.value for run in instance.get_runs()] == ["CANCELED"]
    assert dagster_daemon.ended(instance, verdict.backfill) == "CANCELED"
    assert {each.reason for each in of(verdict, "orders").failures} == {"The run was canceled."}


def test_what_a_killed_process_left_behind_is_ended_and_the_same_command_recovers(
    instance: dg.DagsterInstance, home: Path, tell: Tell
) -> None:
    tell({"orders/b": "slow"})
    code = "\n".join(
        [
            "import dagster as dg, pathlib, sys",
            "from migration_assets_tests.control.test_run import moved",
            "moved(dg.DagsterInstance.get(), pathlib.Path(sys.argv[1]), 'orders')",
        ]
    )
    first = subprocess.Popen([sys.executable, "-c", code, str(home)], env=dict(os.environ))
    until(lambda: (home / "order").exists() and "orders/a" in (home / "order").read_text())
    first.kill()
    first.wait()
    (left,) = dagster_daemon.open_backfills(instance)

    tell({})
    assert moved(instance, home, "orders").verified
    assert dagster_daemon.ended(instance, left[0]) == "CANCELED"
    assert all(run.is_finished for run in instance.get_runs())


def test_runs_are_left_to_a_daemon_while_it_lives_and_taken_over_when_it_is_gone(
    instance: dg.DagsterInstance, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dagster_daemon, "SILENT_AFTER", 5.0)
    for name in dagster_daemon.DAEMONS:
        instance.add_daemon_heartbeat(DaemonHeartbeat(time.time(), name, "another", []))
    seen: list[Progress] = []
    verdict = moved(instance, home, "orders", on_progress=seen.append)
    assert not seen[0].hosting
    assert seen[-1].hosting
    assert verdict.verified


def test_nothing_to_do_is_done(instance: dg.DagsterInstance, home: Path) -> None:
    assert run(instance, (), home / "own", module=MODULE).verified
    assert not instance.get_backfills()


def until(there: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < end
        time.sleep(0.2)
