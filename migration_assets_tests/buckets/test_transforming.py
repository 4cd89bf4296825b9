import pytest

from migration_assets.errors import StagingRefused
from migration_assets.planning.meaning import meaning
from migration_assets_tests.buckets.world import World, contract


def test_an_object_that_was_moved_goes_to_the_key_that_the_contract_says_now(world: World) -> None:
    assert world.run()["loaded"].failure == ""
    world.contract = contract(key="'new/' || key")

    assert world.run()["loaded"].failure == ""

    assert {key for key in world.target.objects if key.startswith("new/")} == {
        f"new/a/{each}" for each in range(5)
    }
    assert world.migration.verify("all").findings == []


def test_what_goes_beside_one_that_is_taken_does_not_take_the_key_of_another_object(world: World) -> None:
    world.contract = contract(conflict="keep_both")
    world.target.put("a/1", b"of somebody else")
    world.source.put("a/1.migrated", b"another")

    failed = world.run()["loaded"]

    assert "1 of 6 objects" in failed.failure
    assert "it would go to the same key as a/1" in failed.failure
    assert world.target.bodies()["a/1"] == b"of somebody else"
    assert "1 of 6 objects" in world.run()["loaded"].failure


def test_decisions_that_cannot_all_be_carried_out_are_never_loaded(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("migration_assets.buckets.schema.faults", lambda _: ["it goes nowhere"])
    assert "schema" in world.run()["transformed"].failure

    with pytest.raises(StagingRefused, match="Nothing is staged at `transformed`"):
        world.migration.load("all", "only-loaded")

    assert world.target.bodies() == {}


def test_what_was_decided_by_an_older_contract_does_not_count_as_the_newer_one_s(world: World) -> None:
    before = world.migration
    before.extract("all", "run")
    before.transform("all", "run")
    world.contract = contract(key="'new/' || key")
    world.migration.load("all", "run")

    (ended,) = world.part.records.generations()

    now = world.migration
    assert ended.facts["meaning"] == meaning(before.contract, before.partitions()[0])
    assert ended.facts["meaning"] != meaning(now.contract, now.partitions()[0])
