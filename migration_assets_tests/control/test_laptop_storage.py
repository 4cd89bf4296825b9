"""The storage of a laptop keeps Dagster's files as Dagster does; fails when what is overridden changes."""

import multiprocessing
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from migration_assets.control.laptop_storage import OPEN, OpenEventLog, OpenRuns

ROOT = Path(__file__).resolve().parents[2]
MINE = """
telemetry: {enabled: false}
storage:
  custom:
    module: migration_assets.control.laptop_storage
    class: LaptopStorage
    config: {base_dir: storage}
"""
DAGSTERS_OWN = """
telemetry: {enabled: false}
storage: {sqlite: {base_dir: storage}}
"""


@dg.asset(partitions_def=dg.StaticPartitionsDefinition(["a", "b"]))
def table() -> None: ...


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    (tmp_path / "dagster.yaml").write_text(MINE)
    return tmp_path


@pytest.fixture
def instance(home: Path) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.get() as made:
        yield made


def partitions(instance: dg.DagsterInstance) -> set[str]:
    return set(instance.get_materialized_partitions(table.key))


def test_the_project_s_own_instance_has_it() -> None:
    assert "class: LaptopStorage" in (ROOT / "dagster.yaml").read_text()


def test_the_files_are_dagster_s_own(home: Path, instance: dg.DagsterInstance) -> None:
    assert isinstance(instance.event_log_storage, OpenEventLog)
    assert isinstance(instance.run_storage, OpenRuns)
    run = dg.materialize([table], instance=instance, partition_key="a").dagster_run.run_id
    (home / "dagster.yaml").write_text(DAGSTERS_OWN)
    with dg.DagsterInstance.get() as plain:
        assert partitions(plain) == {"a"}
        assert len(plain.all_logs(run)) == len(instance.all_logs(run)) > 0
        dg.materialize([table], instance=plain, partition_key="b")
    assert partitions(instance) == {"a", "b"}


def test_databases_do_not_stay_open_for_ever(instance: dg.DagsterInstance) -> None:
    runs = [
        dg.materialize([table], instance=instance, partition_key="a").dagster_run.run_id
        for _ in range(OPEN + 2)
    ]
    assert all(instance.all_logs(run) for run in runs)
    files = [link for link in _open_files() if link.endswith(".db") and "history/runs/" in link]
    assert 0 < len(set(files)) <= OPEN


def test_threads_may_use_it_side_by_side(instance: dg.DagsterInstance) -> None:
    dg.materialize([table], instance=instance, partition_key="a")
    faults: list[Exception] = []

    def ask() -> None:
        try:
            for _ in range(20):
                assert partitions(instance) == {"a"}
                assert len(instance.get_runs()) == 1
        except Exception as fault:
            faults.append(fault)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []


def test_what_was_stored_stays_when_the_process_is_killed(home: Path, instance: dg.DagsterInstance) -> None:
    process = multiprocessing.get_context("spawn").Process(target=_store_and_die, args=(str(home),))
    process.start()
    process.join(60)
    assert process.exitcode == 9
    assert partitions(instance) == {"b"}


def test_whoever_watches_a_run_hears_of_its_events_at_once(instance: dg.DagsterInstance) -> None:
    run = dg.materialize([table], instance=instance, partition_key="a").dagster_run
    heard: list[str] = []
    instance.watch_event_logs(run.run_id, None, lambda entry, _: heard.append(entry.message))
    time.sleep(0.2)
    instance.report_engine_event("something happened", run)
    end = time.monotonic() + 10
    while "something happened" not in heard and time.monotonic() < end:
        time.sleep(0.05)
    assert "something happened" in heard, heard[-3:]


def test_all_can_be_wiped(instance: dg.DagsterInstance) -> None:
    dg.materialize([table], instance=instance, partition_key="a")
    instance.wipe()
    assert partitions(instance) == set()
    dg.materialize([table], instance=instance, partition_key="b")
    assert partitions(instance) == {"b"}


def _store_and_die(home: str) -> None:
    os.chdir(home)
    instance = dg.DagsterInstance.get()
    dg.materialize([table], instance=instance, partition_key="b")
    os._exit(9)


def _open_files() -> Iterator[str]:
    folder = Path("/proc/self/fd")
    if not folder.is_dir():
        pytest.skip("open files are looked up in /proc")
    for entry in folder.iterdir():
        try:
            yield os.readlink(entry)
        except OSError:
            continue
