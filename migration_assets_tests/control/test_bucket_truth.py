"""What the records of a bucket say, in the words of a table's ledger."""

from pathlib import Path

from migration_assets.control.bucket_truth import freshness, standings
from migration_assets.ledger.postgres import Standing
from migration_assets_tests.buckets.world import World


def standing(world: World) -> Standing:
    return standings(world.contract, {"MIGRATION_STAGING": str(world.folder)})["all"]


def test_a_load_and_what_a_rollback_has_left_are_told_by_the_records(tmp_path: Path) -> None:
    world = World(tmp_path)
    assert standings(world.contract, {"MIGRATION_STAGING": str(tmp_path)}) == {}
    world.source.put("a", b"1")
    world.run()
    first = standing(world).entry
    assert (first.generation, first.loaded, first.state, first.run_id) == (1, 1, "loaded", "run-1")
    assert first.staged == "00000001-run-1"

    world.source.put("b", b"22")
    world.run()
    assert (standing(world).entry.generation, standing(world).entry.loaded) == (2, 2)
    assert not world.back().failure
    back = standing(world).entry
    assert (back.generation, back.loaded, back.state, back.staged) == (3, 1, "rolled_back", "")
    (told,) = freshness(world.contract, ["all"], {"MIGRATION_STAGING": str(tmp_path)})
    assert (told.state, told.reason) == ("stale", "It was rolled back.")
