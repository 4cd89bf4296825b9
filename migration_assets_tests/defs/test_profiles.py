"""Profiles as assets: one for each contract, and nothing of a row in what they record."""

import os
import sqlite3
from pathlib import Path

import dagster as dg
import pytest

from migration_assets.analyzer.profile.survey import proposed
from migration_assets.contracts.model import Contract
from migration_assets.defs import profiles
from migration_assets.defs.assets import source_specs

SECRET = "Moneypenny"


@pytest.fixture
def contracts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Contract]:
    """Two tables in SQLite: people, and things of which one has a bad row."""
    file = tmp_path / "old.db"
    with sqlite3.connect(file) as old:
        old.execute("CREATE TABLE people (id INTEGER PRIMARY KEY, last_name TEXT, town TEXT)")
        old.execute("INSERT INTO people VALUES (1, ?, 'Riga'), (2, ?, 'Riga')", (SECRET, SECRET))
        old.execute("CREATE TABLE things (id INTEGER PRIMARY KEY, weight INTEGER)")
        old.executemany("INSERT INTO things VALUES (?, ?)", [(1, 5), (2, 6), (3, SECRET)])
    monkeypatch.setenv("LEGACY_URL", f"sqlite:///{file}")
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    monkeypatch.delenv("TARGET_URL", raising=False)
    return proposed("legacy", os.environ)


def materialized(contracts: dict[str, Contract], *names: str) -> dg.ExecuteInProcessResult:
    with dg.DagsterInstance.ephemeral() as instance:
        return dg.materialize(
            [*source_specs(contracts.values()), *profiles.profile_assets(contracts)],
            selection=[dg.AssetKey(["profiles", name]) for name in names],
            instance=instance,
            raise_on_error=False,
        )


def test_each_contract_has_an_asset_beside_its_stages(contracts: dict[str, Contract]) -> None:
    made = profiles.profile_assets(contracts)
    specs = {spec.key.to_user_string(): spec for each in made for spec in each.specs}
    assert sorted(specs) == ["profiles/people", "profiles/things"]
    assert [dep.asset_key.to_user_string() for dep in specs["profiles/people"].deps] == ["legacy/people"]
    assert len(made) == 1, "one op a source"


def test_a_profile_records_score_rows_and_hazards_by_kind(contracts: dict[str, Contract]) -> None:
    done = materialized(contracts, "things")
    (event,) = done.asset_materializations_for_node("profile_legacy")
    metadata = event.metadata
    assert event.asset_key == dg.AssetKey(["profiles", "things"])
    assert metadata["rows"].value == 3
    assert metadata["hazards/text in a number"].value == 1
    assert 0 < int(str(metadata["score"].value)) < 100
    report = Path(str(metadata["report"].value))
    assert report.name == "things.html"
    assert report.with_suffix(".json").is_file()


def test_all_of_a_source_are_profiled_in_one_run(contracts: dict[str, Contract]) -> None:
    done = materialized(contracts, "things", "people")
    keys = {event.asset_key for event in done.asset_materializations_for_node("profile_legacy")}
    assert keys == {dg.AssetKey(["profiles", name]) for name in ("things", "people")}


def test_no_value_of_a_row_is_in_an_event(contracts: dict[str, Contract]) -> None:
    done = materialized(contracts, "things", "people")
    events = "\n".join(repr(event) for event in done.all_events)
    assert SECRET not in events
    assert "Riga" not in events


def test_a_table_that_is_not_there_fails_by_name(contracts: dict[str, Contract], tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "old.db") as old:
        old.execute("DROP TABLE things")
    done = materialized(contracts, "things", "people")
    assert not done.success
    keys = {event.asset_key for event in done.asset_materializations_for_node("profile_legacy")}
    assert keys == {dg.AssetKey(["profiles", "people"])}
    messages = " ".join(str(event.event_specific_data) for event in done.all_events if event.is_step_failure)
    assert "things: table missing" in messages


def test_what_a_command_found_is_written_down_without_a_run(contracts: dict[str, Contract]) -> None:
    from dataclasses import replace

    from migration_assets.analyzer.profile.survey import Wanted, profile

    found = profile(Wanted("legacy"), contracts, os.environ)
    with dg.DagsterInstance.ephemeral() as instance:
        profiles.record(instance, found, contracts, Path("report.html"))
        event = instance.get_latest_materialization_event(dg.AssetKey(["profiles", "things"]))
        assert event is not None
        profiles.record(instance, replace(found, proposed=True), {}, Path("report.html"))
