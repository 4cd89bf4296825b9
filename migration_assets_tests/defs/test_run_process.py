"""A run's process reads the contracts of its run; fails when Dagster no longer says which run that is."""

import logging
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from migration_assets.contracts.loader import load
from migration_assets.control import dagster_daemon
from migration_assets.control.names import STAGES
from migration_assets.control.records import failures, key_of
from migration_assets.control.rounds import Rounds
from migration_assets.defs.run_process import Entry, files_of_this_run, index, packed, related, unpacked

ROOT = Path(__file__).resolve().parents[2]
SHOP = ROOT / "data_contracts" / "shop"

CHAIN = {
    "tables/a": Entry("a.odcs.yaml", ()),
    "tables/b": Entry("b.odcs.yaml", ("tables/a",)),
    "tables/c": Entry("c.odcs.yaml", ("tables/b", "tables/x")),
    "tables/d": Entry("d.odcs.yaml", ("tables/c",)),
    "tables/x": Entry("x.odcs.yaml", ()),
    "tables/alone": Entry("deep/alone.odcs.yaml", ()),
}


def test_related_are_children_and_all_that_these_and_the_contracts_themselves_build_on() -> None:
    names = {"a": "a b", "b": "a b c x", "c": "a b c d x", "d": "a b c d x", "alone": "alone"}
    found = {name: related(CHAIN, {f"tables/{name}"}) for name in names}
    assert found == {name: {f"tables/{one}" for one in said.split()} for name, said in names.items()}


def test_a_contract_that_refers_to_itself_is_its_own_relative() -> None:
    assert related({"tables/a": Entry("a", ("tables/a",))}, {"tables/a"}) == {"tables/a"}


def test_an_index_is_the_same_after_it_was_packed() -> None:
    assert unpacked(packed(CHAIN)) == CHAIN


def test_the_index_of_the_shop_has_its_files_and_parents() -> None:
    made = index(load(SHOP).values(), SHOP)
    assert made["tables/nation"] == Entry("nation.odcs.yaml", ("tables/region",))
    assert len(made) == len(list(SHOP.glob("*.odcs.yaml")))


def test_what_is_related_can_be_read_by_itself() -> None:
    made = index(load(SHOP).values(), SHOP)
    for name in made:
        files = {made[one].file for one in related(made, {name})}
        assert name.removeprefix("tables/") in load(SHOP, files)


def test_a_process_that_was_started_for_no_run_reads_everything() -> None:
    assert files_of_this_run(SHOP) is None


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    monkeypatch.chdir(ROOT)
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home"))
    shutil.copytree(SHOP, tmp_path / "contracts")
    monkeypatch.setenv("MIGRATION_CONTRACTS", str(tmp_path / "contracts"))
    for name in ("LEGACY_URL", "CLOUD_URL"):
        monkeypatch.delenv(name, raising=False)
    with dg.DagsterInstance.get() as made:
        yield made


def finished(instance: dg.DagsterInstance, rounds: Rounds) -> dg.DagsterRun:
    """The first run of the backfill that was asked for, when it has ended."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        rounds.ask(time.monotonic())
        rounds.serve(time.monotonic())
        for run in instance.get_runs():
            if run.is_finished:
                return run
        time.sleep(0.2)
    raise AssertionError("no run has ended in two minutes")


def test_a_fault_in_a_contract_that_is_no_relative_does_not_touch_a_run(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    """Had the run's process read all contracts, it would not have come to the missing connection."""
    region = load(SHOP)["region"]
    with dagster_daemon.code_server(instance, "migration_assets.definitions") as context:
        assert dagster_daemon.load_error(context) == ""
        (tmp_path / "contracts" / "lineitem.odcs.yaml").write_text("[no contract")
        all_rows = (dg.StaticPartitionsDefinition(["all"]), ["all"])
        wanted = {key_of(region, stage): all_rows for stage in STAGES}
        dagster_daemon.submit(instance, wanted, title="region", tags={})
        run = finished(instance, Rounds(context, logging.getLogger("test")))
    (failure,) = failures(instance, run)
    assert "LEGACY_URL is not set" in failure.reason
