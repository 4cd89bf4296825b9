"""Windows that come while definitions are loaded."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import dagster as dg
import pytest

from migration_assets.contracts.model import ByTime
from migration_assets.control.growing import definition_of, grows, make_known
from migration_assets.control.plan import steps
from migration_assets.control.run import run
from migration_assets_tests.control.many_definitions import MANY, YEARLY

MODULE = "migration_assets_tests.control.many_definitions"


def test_a_scheduled_contract_without_an_end_grows_and_no_other_does() -> None:
    assert grows(YEARLY)
    assert not grows(MANY)
    assert not grows(replace(YEARLY, schedule=None))
    ends = ByTime("year", "region", datetime(2019, 1, 1), datetime(2022, 1, 1))
    assert not grows(replace(YEARLY, partitioning=ends))


def test_keys_are_added_once_in_their_order_and_many_at_a_time(instance: dg.DagsterInstance) -> None:
    definition = definition_of(YEARLY, [])
    make_known(instance, definition, ["2019", "2020"])
    make_known(instance, definition, ["2019", "2020", *(f"w{number}" for number in range(25_000))])
    assert instance.get_dynamic_partitions("tables/yearly")[:3] == ["2019", "2020", "w0"]
    assert len(instance.get_dynamic_partitions("tables/yearly")) == 25_002
    make_known(instance, definition_of(MANY, ["a"]), ["a"])


def test_the_windows_of_such_a_contract_are_moved_by_a_backfill(
    instance: dg.DagsterInstance, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(Path(__file__).resolve().parents[2])
    (step,) = steps({"yearly": YEARLY})
    verdict = run(instance, [step], home / "own", module=MODULE, pause=0.2)
    assert verdict.verified
    assert len(instance.get_runs()) == 1
    assert instance.get_dynamic_partitions("tables/yearly") == list(step.all_partitions)
