"""What people said of waves, in the ledger of their targets: no instance that is lost takes it along."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import psycopg2
import pytest

from migration_assets.control import wave_allowing, wave_consent
from migration_assets.control.wave_attempts import Scene
from migration_assets.errors import ConnectionRefused, StagingRefused
from migration_assets.waves.document import parsed
from migration_assets_tests.buckets.world import contract
from migration_assets_tests.control.shop import CONTRACTS
from migration_assets_tests.control.waving import Waving

ONE = {"only": "contracts: [customers, orders]\napproval: needed"}


@pytest.fixture
def another() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as made:
        yield made


def approved(world: Waving, target: dict[str, str], by: str) -> bool:
    return wave_allowing.approve(world.scene, world.waves, "only", by, datetime.now(UTC), target)


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as made:
        yield made


def test_a_new_instance_is_told_who_approved_and_who_released(
    instance: dg.DagsterInstance, another: dg.DagsterInstance, target: dict[str, str]
) -> None:
    world = Waving(instance, **ONE)
    approved(world, target, "ada")
    (backfill,) = world.started()
    world.end(backfill, without="orders/b")
    world.round()
    wave_allowing.release(world.scene, world.waves, "only", "bob", datetime.now(UTC), target)
    before = world.of("only")

    fresh = Waving(another, **ONE)
    assert fresh.of("only").why.startswith("It needs approval")
    told = wave_consent.told_again(another, CONTRACTS.values(), target)
    assert [(each.wave, each.word, each.by) for each in told] == [
        ("only", "approved", "ada"),
        ("only", "released", "bob"),
    ]
    after = fresh.of("only")
    assert (after.approved, after.released) == (before.approved, before.released)
    assert after.attempt.id == before.attempt.id
    assert len(fresh.started()) == 1

    assert wave_consent.told_again(another, CONTRACTS.values(), target) == ()
    assert wave_consent.told_again(instance, CONTRACTS.values(), target) == ()


def test_an_approval_that_a_crash_kept_from_dagster_is_said_once_more_and_stays_whose_it_was(
    instance: dg.DagsterInstance, target: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    world = Waving(instance, **ONE)
    with monkeypatch.context() as dying:
        dying.setattr(wave_consent, "record", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            approved(world, target, "ada")
    assert world.of("only").approved is None
    assert approved(world, target, "bob")
    said = world.of("only").approved
    assert said
    assert said.by == "ada"
    with psycopg2.connect(target["CLOUD_URL"]) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT wave, digest, decision, number, decided_by FROM migration.wave_decision")
        assert cursor.fetchall() == [("only", world.waves["only"].work, "approved", 1, "ada")]


def test_what_cannot_be_kept_is_not_said(instance: dg.DagsterInstance, target: dict[str, str]) -> None:
    world = Waving(instance, **ONE)
    nowhere = {"CLOUD_URL": target["CLOUD_URL"].replace("/target_", "/no_such_target_")}
    with pytest.raises(ConnectionRefused):
        approved(world, nowhere, "ada")
    assert world.of("only").approved is None


def test_a_wave_of_buckets_alone_keeps_who_approved_it_beside_their_records(
    instance: dg.DagsterInstance, another: dg.DagsterInstance, tmp_path: Path
) -> None:
    files = {"files": contract()}
    staging = {"MIGRATION_STAGING": str(tmp_path)}
    wave = parsed(b"name: only\ncontracts: [files]\napproval: needed\n", "waves/only.yaml")
    for by, first in (("ada", True), ("bob", False)):
        scene = Scene(instance, files, {"files": ("all",)}, {})
        now = datetime.now(UTC)
        assert wave_allowing.approve(scene, {"only": wave}, "only", by, now, staging) is first

    told = wave_consent.told_again(another, files.values(), staging)
    assert [(each.wave, each.word, each.by) for each in told] == [("only", "approved", "ada")]
    assert wave_consent.said(another, "approved", wave) == wave_consent.said(instance, "approved", wave)
    assert wave_consent.told_again(another, files.values(), staging) == ()

    (kept,) = [each for each in tmp_path.rglob("*") if each.is_file()]
    kept.write_text(kept.read_text()[:-9])
    with pytest.raises(StagingRefused, match="damaged"):
        wave_consent.told_again(another, files.values(), staging)
