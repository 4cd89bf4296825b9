"""A bucket into Cloudsmith by the engine: whatever comes of single objects, it adds up, and comes right."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from migration_assets.buckets import opening
from migration_assets.buckets.engine import BucketMigration
from migration_assets.contracts.bucket_model import Bucket, End, OnePartition
from migration_assets.contracts.bucket_model import Package as Packages
from migration_assets.contracts.model import Contract, Server, TableName
from migration_assets.stages.report import STAGES
from migration_assets.stages.way import StageResult
from migration_assets_tests.buckets.cloudsmith.conftest import URL, Side, generic, sha256
from migration_assets_tests.buckets.cloudsmith.test_formats import DEB, OF_ALL_KINDS, RULES, zipped


@dataclass
class Engine:
    side: Side
    packages: Packages

    def run(self, name: str) -> StageResult:
        *_, result = self._migration.move(["all"], STAGES, name)
        assert result.stage == "loaded", result
        assert result.report, result
        return result

    def back(self) -> StageResult:
        self._migration.ask_to_restore(["all"], None, "back")
        (result,) = self._migration.restore(["all"], "back", "run-back")
        return result

    @property
    def _migration(self) -> BucketMigration:
        old, new = Server("old", "s3"), Server("new", "custom")
        bucket = Bucket(End(old, "s3"), End(new, "cloudsmith"), ranges=OnePartition(), package=self.packages)
        contract = Contract(
            "shop", "1.0.0", "0" * 64, "shop.odcs.yaml", old, new, TableName(None, "old"), TableName(None, "new"),
            columns=(), bucket=bucket,
        )  # fmt: skip
        staging = {"MIGRATION_STAGING": str(self.side.home), "OLD_URL": f"s3://{self.side.bucket.name}"}
        return BucketMigration(contract, {}, {**self.side.environment, **staging, "NEW_URL": URL})


@pytest.fixture
def engine(side: Side) -> Engine:
    rules = tuple(
        replace(each, fields={name: f"'{text}'" for name, text in each.fields.items()}) for each in RULES
    )
    return Engine(side, Packages(rules=rules))


def counts(result: StageResult) -> dict[str, Any]:
    assert result.report
    (count,) = [each for each in result.report.outcomes if each.name == "count"]
    told = {name: count.counts[name] for name in ("inventory", "moved", "skipped", "failed")}
    return {**told, "bytes_sent": result.report.facts["bytes_sent"]}


def failures(result: StageResult) -> dict[str, str]:
    """By key, why."""
    assert result.report
    (count,) = [each for each in result.report.outcomes if each.name == "count"]
    return {each.key: each.reason for each in count.rows}


def test_what_came_of_each_object_adds_up_and_the_next_run_moves_the_rest(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "LARGE", 1000)
    side = engine.side
    side.put({"there/equal": b"equal", "there/other": b"theirs"})
    side.move()
    objects = {
        "there/other": b"ours",
        "fine/1": b"1",
        "fine/2": b"2",
        "bad/fails": b"3",
        "bad/differs": b"4",
        "bad/quarantined": b"5",
        "too/large": b"x" * 1001,
        "no/distribution.deb": DEB,
        "org/acme/shop/maven-metadata.xml": b"<metadata/>",
        "w/shop-1.0-py3-none-any.whl": zipped("shop.py"),
    }
    side.put(objects)
    faults = side.standin.faults
    for action, name in (("fail", "fails"), ("flip", "differs"), ("quarantine", "quarantined")):
        faults.add(action, f"^{name}$", times=99)

    first = engine.run("run-1")

    assert counts(first) | {"bytes_sent": 0} == {
        "inventory": 11, "moved": 3, "skipped": 2, "failed": 6, "bytes_sent": 0,
    }  # fmt: skip
    assert {key: reason.split()[0] for key, reason in failures(first).items()} == {
        "there/other": "the", "bad/fails": "Cloudsmith", "bad/differs": "What", "bad/quarantined": "A",
        "too/large": "it", "no/distribution.deb": "a",
    }  # fmt: skip

    faults.those.clear()
    world = side.standin.world
    (quarantined,) = [each for each in world.packages.values() if each.state == "quarantined"]
    quarantined.state = "completed"
    second = engine.run("run-2")

    assert counts(second) == {"inventory": 11, "moved": 3, "skipped": 5, "failed": 3, "bytes_sent": 2}
    there = side.there()
    assert {key for key in objects if key in there} == {
        key for key in objects if key[:3] in ("fin", "bad", "the")
    }
    assert there["there/other"].digests["sha256"] == sha256(b"theirs")


def test_all_kinds_go_once_and_come_back_though_cloudsmith_renames_their_files(engine: Engine) -> None:
    side = engine.side
    side.standin.world.renaming = True
    side.put(OF_ALL_KINDS)

    first, second = engine.run("run-1"), engine.run("run-2")

    assert (first.failure, second.failure) == ("", "")
    assert counts(first)["moved"] == len(OF_ALL_KINDS)
    assert counts(second) | {"inventory": 0} == {
        "inventory": 0, "moved": 0, "skipped": len(OF_ALL_KINDS), "failed": 0, "bytes_sent": 0,
    }  # fmt: skip
    assert engine.back().failure == ""
    assert side.there() == {}


def test_somebody_elses_package_survives_a_load_and_its_rollback(engine: Engine) -> None:
    side = engine.side
    side.put({"one": b"1", "two": b"2"})
    side.move([replace(generic(side.listed()[0]), target="foreign")])
    engine.run("run-1")
    world = side.standin.world
    (ours,) = [each for each in world.packages.values() if each.filename == "one"]
    world.delete(ours)
    side.move([generic(each) for each in side.listed() if each.key == "one"])

    back = engine.back()

    assert "one" in back.failure + str(back.report and back.report.refusal)
    assert sorted(side.there()) == ["foreign", "one"]


def test_a_rollback_whose_deletion_was_not_written_down_is_completed_by_the_next_one(engine: Engine) -> None:
    side = engine.side
    side.put({"one": b"1", "two": b"2"})
    engine.run("run-1")
    world = side.standin.world
    for each in list(world.packages.values()):
        world.delete(each)

    back = engine.back()

    assert back.failure == ""
    assert back.report
    assert back.report.refusal is None


def test_staging_and_reasons_hold_no_key(engine: Engine, tmp_path: Path) -> None:
    side = engine.side
    side.standin.api_key = "very-secret-key"
    side.put({"one": b"1"})
    side.standin.faults.add("500", "POST /packages/", times=99)

    result = engine.run("run-1")

    assert "very-secret-key" not in str(result)
    for file in side.home.rglob("*"):
        assert not file.is_file() or b"very-secret-key" not in file.read_bytes(), file
