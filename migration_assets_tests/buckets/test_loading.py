from migration_assets.buckets.model import Attributes, Decision
from migration_assets.buckets.part import TRANSFORMED
from migration_assets_tests.buckets.world import World, contract


def fail_once(world: World, key: str) -> None:
    """The object changes while it is copied, so that the generation is not complete."""

    def change(decision: Decision) -> None:
        if decision.target == key:
            world.source.put(key, b"changed")

    world.target.before = change
    assert world.run()["loaded"].failure
    world.target.before = lambda _: None


def test_what_was_recorded_by_a_run_that_failed_and_is_there_no_more_is_moved_again(world: World) -> None:
    fail_once(world, "a/4")
    del world.target.objects["a/1"]

    assert world.run()["loaded"].failure == ""

    assert world.target.bodies() == world.source.bodies()
    assert world.back().failure == ""
    assert world.target.bodies() == {}


def test_what_was_recorded_by_a_run_that_failed_goes_elsewhere_when_the_contract_says_so(
    world: World,
) -> None:
    fail_once(world, "a/4")
    world.contract = contract(key="'b/' || key")

    assert world.run()["loaded"].failure == ""

    assert {f"b/{key}" for key in world.source.objects} <= world.target.objects.keys()


def test_what_a_dead_run_had_sent_and_the_source_has_written_again_is_sent_by_the_next_run(
    world: World,
) -> None:
    dead = world.migration
    dead.extract("all", "dead")
    dead.transform("all", "dead")
    staged, manifest = world.part.folder.newest(TRANSFORMED, "dead")
    world.part.records.begin(manifest.generation, "dead", staged.name)
    for number in range(5):
        world.target.put(f"a/{number}", b"x" * number)
    world.source.put("a/3", b"xxx")

    first, second = world.run()["loaded"], world.run()["loaded"]

    assert (first.failure, second.failure) == ("", "")
    assert first.report
    assert first.report.facts["bytes_sent"] == 3
    assert second.report
    assert second.report.facts["bytes_sent"] == 0


def test_what_was_recorded_by_a_run_that_failed_and_the_source_has_written_again_is_sent_by_the_next_run(
    world: World,
) -> None:
    fail_once(world, "a/4")
    world.source.put("a/3", b"xxx", Attributes(metadata={"colour": "blue"}))

    first, second = world.run()["loaded"], world.run()["loaded"]

    assert (first.failure, second.failure) == ("", "")
    assert world.target.objects["a/3"].attributes.metadata == {"colour": "blue"}
    assert second.report
    assert second.report.facts["bytes_sent"] == 0
