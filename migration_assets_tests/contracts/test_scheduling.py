from pathlib import Path

import pytest

from migration_assets.contracts.loader import load
from migration_assets.contracts.model import Schedule
from migration_assets.errors import ContractFaults
from migration_assets_tests.contracts.bucket_example import SMALLEST
from migration_assets_tests.contracts.conftest import Faults, Read
from migration_assets_tests.contracts.example import ORDERS

LINE = "      bad_rows: quarantine\n"
PATH = "customProperties[0].value.schedule"


def with_schedule(said: str) -> str:
    return ORDERS.replace(LINE, f"{LINE}      schedule: {said}\n", 1)


@pytest.mark.parametrize(
    ("said", "schedule"),
    [
        ('"0 3 * * *"', Schedule("0 3 * * *")),
        ("'@daily'", Schedule("@daily")),
        ('{cron: "0 3 * * *", timezone: Europe/Berlin}', Schedule("0 3 * * *", "Europe/Berlin", 7)),
        ('{cron: "*/5 * * * *", lookback: 0}', Schedule("*/5 * * * *", "UTC", 0)),
    ],
)
def test_a_schedule_is_a_cron_expression_with_or_without_more(
    read: Read, said: str, schedule: Schedule
) -> None:
    assert read(orders=with_schedule(said))["orders"].schedule == schedule


def test_a_watermark_is_a_column_of_the_source(read: Read) -> None:
    orders = read(orders=ORDERS.replace(LINE, f"{LINE}      watermark: CHANGED_AT\n", 1))["orders"]
    assert orders.watermark == "CHANGED_AT"
    assert read()["orders"].watermark is None


@pytest.mark.parametrize(
    ("said", "path", "what"),
    [
        ('"0 25 * * *"', "", "no cron expression: `25` is no hour"),
        ('{cron: "0 3 * *"}', ".cron", "4 fields"),
        ('{cron: "0 3 * * *", timezone: Europe/Entenhausen}', ".timezone", "no time zone"),
        ('{cron: "0 3 * * *", timezone: ../../etc/passwd}', ".timezone", "no time zone"),
        ('{cron: "0 3 * * *", lookback: -1}', ".lookback", "less than 0"),
        ('{cron: "0 3 * * *", lookback: week}', ".lookback", "a whole number"),
        ("{timezone: UTC}", ".cron", "it is missing"),
        ('{cron: "0 3 * * *", lookbak: 3}', ".lookbak", "not known here"),
    ],
)
def test_a_schedule_that_could_not_be_kept_is_a_fault(
    faults: Faults, said: str, path: str, what: str
) -> None:
    found = faults(orders=with_schedule(said))
    assert [fault.path for fault in found] == [f"{PATH}{path}"], [str(fault) for fault in found]
    assert what in found[0].what


def test_all_faults_of_a_schedule_are_told_at_once(faults: Faults) -> None:
    found = faults(orders=with_schedule('{cron: "x", timezone: y}'))
    assert [fault.path for fault in found] == [f"{PATH}.cron", f"{PATH}.timezone"]


def test_a_schedule_needs_windows_of_time(faults: Faults) -> None:
    orders = with_schedule('"0 3 * * *"').replace(
        "{by: month, column: CREATED, start: 2019-01-01, end: 2020-01-01}", "{by: key, rows: 5}"
    )
    (found,) = faults(orders=orders)
    assert found.path == PATH
    assert "windows of time" in found.what


def test_a_bucket_by_days_has_a_schedule_and_one_by_objects_has_none(tmp_path: Path) -> None:
    days = 'partitions: {by: day, layout: "%Y/%m/%d/", start: 2026-01-01}'
    file = tmp_path / "artifacts.odcs.yaml"
    file.write_text(
        SMALLEST.replace("target: new_store}", f"target: new_store, schedule: '@daily', {days}}}")
    )
    assert load(tmp_path)["artifacts"].schedule == Schedule("@daily")

    file.write_text(SMALLEST.replace("target: new_store}", "target: new_store, schedule: '@daily'}"))
    with pytest.raises(ContractFaults) as told:
        load(tmp_path)
    (fault,) = told.value.faults
    assert (fault.path, "windows of time" in fault.what) == (PATH, True)
