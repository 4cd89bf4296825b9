"""Wave files in, waves or all of their faults out."""

from datetime import UTC, datetime, time

import pytest

from migration_assets.errors import WaveRefused
from migration_assets.waves.document import parsed
from migration_assets.waves.model import ByState, ChangedSince, Limits, Range, Window

WHOLE = """
name: orders_2024
version: 3
description: Orders of 2024.
contracts: [orders, lineitem]
domains: [shop]
tags: [early]
partitions: {from: 2024-01, to: 2024-12}
priority: 10
after: [master]
window: {timezone: Europe/Berlin, days: [fri, mon], opens: "22:00", closes: "06:00"}
limits: {source: 2}
approval: needed
"""


def test_everything_that_a_wave_can_say_is_read() -> None:
    wave = parsed(WHOLE.encode(), "waves/a.yaml")
    assert (wave.name, wave.version, wave.priority, wave.after) == ("orders_2024", 3, 10, ("master",))
    assert (wave.contracts, wave.domains, wave.tags) == (("orders", "lineitem"), ("shop",), ("early",))
    assert wave.partitions == Range("2024-01", "2024-12")
    assert wave.window == Window("Europe/Berlin", ("mon", "fri"), time(22), time(6))
    assert wave.limits == Limits(2, None)
    assert wave.approval
    assert wave.origin == "waves/a.yaml"


def test_a_wave_of_little_means_what_is_missing_at_any_time() -> None:
    wave = parsed(b"name: a\ntags: [early]\n", "a.yaml")
    assert wave.version == 1
    assert wave.partitions == ByState("missing")
    assert wave.window is None
    assert not wave.approval


def test_partitions_can_be_those_not_loaded_since_a_moment() -> None:
    wave = parsed(b'name: a\ntags: [t]\npartitions: {changed_since: "2026-01-31T22:00:00Z"}\n', "a.yaml")
    assert wave.partitions == ChangedSince(datetime(2026, 1, 31, 22, tzinfo=UTC))


def test_comments_and_order_change_neither_digest_nor_work() -> None:
    one = parsed(b"name: a\ncontracts: [x]\n", "a.yaml")
    two = parsed(b"# why\ncontracts: [x]\nname: a\n", "b.yaml")
    assert (one.digest, one.work) == (two.digest, two.work)


@pytest.mark.parametrize("more", ["priority: 5", "approval: needed", "after: [b]", "limits: {source: 1}"])
def test_when_a_wave_may_start_is_no_part_of_its_work(more: str) -> None:
    one = parsed(b"name: a\ncontracts: [x]\n", "a.yaml")
    two = parsed(f"name: a\ncontracts: [x]\n{more}\n".encode(), "a.yaml")
    assert one.digest != two.digest
    assert one.work == two.work


@pytest.mark.parametrize("more", ["version: 2", "partitions: all", "tags: [t]"])
def test_another_version_and_other_partitions_are_another_work(more: str) -> None:
    one = parsed(b"name: a\ncontracts: [x]\n", "a.yaml")
    assert one.work != parsed(f"name: a\ncontracts: [x]\n{more}\n".encode(), "a.yaml").work


@pytest.mark.parametrize(
    ("text", "line", "path", "what"),
    [
        ("contracts: [x]", 1, "name", "it is missing"),
        ("name: a", 1, "", "it has none of `contracts`, `domains`, `tags`"),
        ("name: a b\ncontracts: [x]", 1, "name", "has not the form"),
        ("name: a\ncontracts: []", 2, "contracts", "fewer than 1"),
        ("name: a\ncontracts: [x]\nversion: 0", 3, "version", "less than 1"),
        ("name: a\ncontracts: [x]\npartitions: al", 3, "partitions", "`al` is not known here"),
        ("name: a\ncontracts: [x]\npartitions: {form: 1}", 3, "partitions", ""),
        ("name: a\ncontracts: [x]\nwindow: {timezone: Europa/Berlin}", 3, "window.timezone", "no time zone"),
        ("name: a\ncontracts: [x]\nwindow: {days: [mon]}", 3, "window.timezone", "it is missing"),
        (
            'name: a\ncontracts: [x]\nwindow: {timezone: UTC, opens: "25:00"}',
            3,
            "window.opens",
            "has not the form",
        ),
        (
            "name: a\ncontracts: [x]\nwindow: {timezone: UTC, days: [monday]}",
            3,
            "window.days[0]",
            "not known",
        ),
        (
            "name: a\ncontracts: [x]\npartitions: {changed_since: 2026-01-31}",
            3,
            "partitions.changed_since",
            "no moment",
        ),
        ("name: a\ncontracts: [x]\nlimits: {source: 0}", 3, "limits.source", "less than 1"),
        ("name: a\ncontracts: [x]\napproval: yes", 3, "approval", "not known"),
        ("name: a\ncontract: [x]\ntags: [t]", 2, "contract", "not known"),
        ("name: [", 2, "", "it is not YAML"),
        ("- a", 1, "", "a list stands where a mapping belongs"),
    ],
)
def test_a_fault_names_file_line_place_and_cause(text: str, line: int, path: str, what: str) -> None:
    with pytest.raises(WaveRefused) as refused:
        parsed(text.encode(), "waves/a.yaml")
    assert any(
        fault.file == "waves/a.yaml"
        and fault.line == line
        and fault.path.startswith(path)
        and what in f"{fault.what}. {fault.right}"
        for fault in refused.value.faults
    ), str(refused.value)
    assert "migrate contracts check" in str(refused.value)


def test_all_faults_come_at_once() -> None:
    text = b"name: a\ncontracts: [x]\nversion: 0\nwindow: {timezone: Nowhere}\npriority: high\n"
    with pytest.raises(WaveRefused) as refused:
        parsed(text, "a.yaml")
    assert {fault.path for fault in refused.value.faults} == {"version", "window.timezone", "priority"}
