from dataclasses import replace
from pathlib import Path

import pytest

from migration_assets.buckets.model import Attributes, Decision
from migration_assets.stages.way import StageResult
from migration_assets_tests.buckets.world import World, contract


class Killed(BaseException):
    """As a process ends that nobody asked."""


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    for number in range(30):
        made.source.put(f"a/{number:03d}", b"x" * number, Attributes(metadata={"n": str(number)}))
    made.source.put("a//b", b"")
    made.source.put("../é", b"1")
    made.source.put("dir/", b"")
    return made


def loaded(results: dict[str, StageResult]) -> StageResult:
    result = results["loaded"]
    assert result.failure == "", result.failure
    return result


def checks(result: StageResult) -> dict[str, bool]:
    assert result.report
    return {each.name: each.passed for each in result.report.outcomes}


def facts(result: StageResult) -> dict[str, object]:
    assert result.report
    return dict(result.report.facts)


def test_every_object_arrives_and_is_proven(world: World) -> None:
    result = loaded(world.run())

    assert world.target.bodies() == world.source.bodies()
    assert checks(result) == dict.fromkeys(
        ("count", "checksum", "size", "orphans", "metadata", "format", "accessible"), True
    )
    assert world.target.objects["a/007"].attributes.metadata == {"n": "7"}


def test_a_second_run_sends_nothing(world: World) -> None:
    world.run()
    sent = len(world.target.sent)

    result = loaded(world.run())

    assert len(world.target.sent) == sent
    assert (facts(result)["moved"], facts(result)["skipped"]) == (0, 33)
    assert all(checks(result).values())


def test_what_fails_is_named_and_the_next_run_does_the_rest_alone(world: World) -> None:
    def refuse(decision: Decision) -> None:
        if decision.target in ("a/003", "a/020"):
            world.source.put(decision.found.key, b"changed while it was copied")

    world.target.before = refuse
    failed = world.run()["loaded"]

    assert failed.report
    assert "2 of 33 objects" in failed.failure
    assert "a/003" in failed.failure
    count = next(each for each in failed.report.outcomes if each.name == "count")
    assert not count.passed
    assert count.counts == {"inventory": 33, "moved": 31, "skipped": 0, "failed": 2, "missing": 0}
    assert {row.key for row in count.rows} == {"a/003", "a/020"}

    world.target.before = lambda _: None
    world.target.sent.clear()
    loaded(world.run())

    assert sorted(world.target.sent) == ["a/003", "a/020"]
    assert world.target.bodies() == world.source.bodies()


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_run_that_is_killed_is_completed_and_nothing_proven_is_sent_again(
    world: World, moment: str
) -> None:
    def kill(decision: Decision) -> None:
        if decision.target == "a/013":
            raise Killed

    setattr(world.target, moment, kill)
    with pytest.raises(Killed):
        world.run()
    setattr(world.target, moment, lambda _: None)

    result = loaded(world.run())

    assert world.target.bodies() == world.source.bodies()
    assert len(world.target.sent) == len(set(world.target.sent)) == 33
    assert all(checks(result).values())


def test_what_somebody_else_wrote_where_a_run_had_meant_to_is_left_alone(world: World) -> None:
    """That run's decision said that nothing was there; it was not the first to write."""

    def somebody_else(decision: Decision) -> None:
        if decision.target == "a/013":
            world.target.put("a/013", b"of somebody else")

    world.target.before = somebody_else
    assert "a/013" in world.run()["loaded"].failure
    world.target.before = lambda _: None

    again = world.run()["loaded"]

    assert "a/013" in again.failure
    assert world.target.objects["a/013"].body == b"of somebody else"


def test_what_arrived_and_was_not_recorded_is_taken_back_by_a_rollback(world: World) -> None:
    """Its decision said that nothing was there, so it is this migration's own."""
    world.target.put("mine", b"of somebody else")

    def kill(decision: Decision) -> None:
        if decision.target == "a/013":
            raise Killed

    world.target.after = kill
    with pytest.raises(Killed):
        world.run()
    world.target.after = lambda _: None
    loaded(world.run())

    assert world.back().failure == ""

    assert world.target.bodies() == {"mine": b"of somebody else"}


def test_a_rollback_right_after_a_kill_takes_back_what_arrived(world: World) -> None:
    def kill(decision: Decision) -> None:
        if decision.target == "a/013":
            raise Killed

    world.target.after = kill
    with pytest.raises(Killed):
        world.run()
    world.target.after = lambda _: None

    result = world.back()

    assert result.failure == ""
    assert world.target.bodies() == {}


def test_an_equal_object_that_was_there_before_is_never_removed(world: World) -> None:
    world.target.put("a/005", world.source.objects["a/005"].body)
    loaded(world.run())

    world.back()

    assert list(world.target.bodies()) == ["a/005"]


def test_another_object_that_is_there_is_refused_and_stays(world: World) -> None:
    world.target.put("a/005", b"older")

    results = world.run()

    told = results["transformed"].report
    assert told
    assert [(row.key, row.reason) for row in told.outcomes[0].rows] == [
        ("a/005", "refused: the target has another object of this key")
    ]
    assert "a/005: the target has another object of this key" in results["loaded"].failure
    assert world.target.bodies()["a/005"] == b"older"


def test_overwritten_objects_are_put_back(world: World) -> None:
    world.contract = contract(conflict="overwrite")
    world.target.put("a/005", b"older")
    loaded(world.run())
    assert world.target.bodies() == world.source.bodies()

    result = world.back()

    assert result.failure == ""
    assert world.target.bodies() == {"a/005": b"older"}


def test_keep_both_puts_it_beside_and_does_so_once(world: World) -> None:
    world.contract = contract(conflict="keep_both")
    world.target.put("a/005", b"older")
    loaded(world.run())
    loaded(world.run())

    assert world.target.bodies()["a/005"] == b"older"
    assert world.target.bodies()["a/005.migrated"] == b"xxxxx"
    assert len(world.target.sent) == 33


def test_a_newer_object_of_the_source_replaces_what_was_moved_and_goes_back(world: World) -> None:
    loaded(world.run())
    world.source.put("a/005", b"newer")
    loaded(world.run())
    assert world.target.bodies()["a/005"] == b"newer"

    assert world.back().failure == ""
    assert world.target.bodies()["a/005"] == b"xxxxx"
    assert world.back().failure == ""
    assert world.target.bodies() == {}


def test_an_object_changed_since_keeps_a_rollback_from_anything(world: World) -> None:
    loaded(world.run())
    world.target.put("a/005", b"edited")

    refused = world.back()

    assert "a/005 was changed since" in refused.failure
    assert len(world.target.bodies()) == 33
    assert world.back(discard=True).failure == ""
    assert world.target.bodies() == {}


def test_a_rollback_that_is_killed_is_completed_by_the_next(world: World) -> None:
    loaded(world.run())
    migration = world.migration

    def kill(decision: Decision) -> None:
        if decision.target == "a/013":
            raise Killed

    migration.ask_to_restore(["all"], None, "back")
    world.target.after = kill
    with pytest.raises(Killed):
        list(migration.restore(["all"], "back", "run-8"))
    world.target.after = lambda _: None

    (found,) = world.migration.foreseen({"all": None})
    (result,) = world.migration.restore(["all"], found.begun, "run-9")

    assert result.failure == ""
    assert world.target.bodies() == {}
    world.migration.restored("all", found.begun)
    assert list(world.migration.foreseen({"all": None})) == []


def test_a_rollback_of_what_was_overwritten_that_is_killed_is_completed_by_the_next(world: World) -> None:
    """What is back already is not taken for what somebody has changed since."""
    world.contract = contract(conflict="overwrite")
    for key in ("a/003", "a/013"):
        world.target.put(key, b"before")
    loaded(world.run())

    def kill(decision: Decision) -> None:
        if decision.target == "a/003":
            raise Killed

    world.target.after = kill
    with pytest.raises(Killed):
        world.back()
    world.target.after = lambda _: None

    assert world.back().failure == ""
    assert world.target.bodies() == {"a/003": b"before", "a/013": b"before"}


def test_keys_and_metadata_are_mapped_by_expressions(world: World) -> None:
    world.contract = contract(
        key="replace(key, 'a/', 'moved/')",
        metadata={"n": "metadata['n'] || '!'", "from": "key"},
        uses=frozenset({"key", "metadata"}),
        source_prefix="a/",
        target_prefix="into/",
    )
    world.contract = replace(
        world.contract,
        bucket=replace(world.contract.bucket, key="'moved/' || key"),  # type: ignore[type-var]
    )

    loaded(world.run())

    assert len(world.target.bodies()) == 31
    assert world.target.objects["into/moved/007"].body == b"x" * 7
    assert world.target.objects["into/moved/007"].attributes.metadata == {"n": "7!", "from": "007"}


def test_metadata_that_was_changed_in_the_source_or_the_contract_is_carried_again(world: World) -> None:
    loaded(world.run())
    body = world.source.objects["a/005"].body
    world.source.put("a/005", body, Attributes(metadata={"n": "five"}))
    loaded(world.run())
    assert world.target.objects["a/005"].attributes.metadata == {"n": "five"}
    assert world.target.sent.count("a/005") == 2
    assert len(world.target.sent) == 34

    world.contract = contract(metadata={"n": "'all'"})
    loaded(world.run())

    assert {each.attributes.metadata["n"] for each in world.target.objects.values()} == {"all"}
    loaded(world.run())
    assert len(world.target.sent) == 67


def test_two_objects_of_one_key_are_not_both_moved(world: World) -> None:
    world.contract = contract(key="CASE WHEN size > 20 THEN 'big' ELSE key END")

    failed = world.run()

    assert "it would go to the same key as" in failed["loaded"].failure
    assert failed["transformed"].failure == ""


def test_an_expression_that_cannot_be_evaluated_refuses_its_object_alone(world: World) -> None:
    world.contract = contract(
        key="CASE WHEN key = 'a/004' THEN CAST(CAST(key AS INT) AS VARCHAR) ELSE key END"
    )

    failed = world.run()["loaded"]

    assert "1 of 33 objects" in failed.failure
    assert "`key` cannot be evaluated for it" in failed.failure


def test_what_is_on_the_target_alone_is_named_and_warns(world: World) -> None:
    world.target.put("a/9999", b"?")

    result = loaded(world.run())

    assert checks(result)["orphans"] is False
    assert result.report
    orphans = next(each for each in result.report.outcomes if each.name == "orphans")
    assert [row.key for row in orphans.rows] == ["a/9999"]
    assert not orphans.blocking


def test_what_is_damaged_on_the_target_is_not_loaded(world: World) -> None:
    def damage(decision: Decision) -> None:
        if decision.target == "a/013":
            world.target.put("a/012", b"?" * 12)

    world.target.after = damage
    result = world.run()["loaded"]

    assert "checksum" in result.failure
    assert checks(result)["size"] is True


def test_a_broken_archive_warns(world: World) -> None:
    world.source.put("b.zip", b"no archive")

    result = loaded(world.run())

    assert checks(result)["format"] is False
    assert result.report
    assert result.report.refusal is None


def test_include_and_exclude_say_what_moves(world: World) -> None:
    world.contract = contract(include=("a/**",), exclude=("a/02*",))

    loaded(world.run())

    assert len(world.target.bodies()) == 21


def test_attributes_that_differ_are_named_and_their_values_are_not(world: World) -> None:
    def strip(decision: Decision) -> None:
        if decision.target == "a/013":
            world.target.objects["a/013"].attributes = Attributes(metadata={"n": "secret"})

    world.target.after = strip
    result = world.run()["loaded"]

    assert result.report
    metadata = next(each for each in result.report.outcomes if each.name == "metadata")
    assert [(row.key, row.reason) for row in metadata.rows] == [("a/013", "metadata.n")]
    assert "secret" not in str(result)


def test_verification_names_what_is_missing_changed_and_extra(world: World) -> None:
    loaded(world.run())
    del world.target.objects["a/003"]
    world.target.put("a/004", b"edit")
    world.target.put("a/zzz", b"")
    world.source.put("b", b"new")

    found = world.migration.verify("all")

    assert sorted(found.findings) == [
        *(("changed", "a/004"), ("extra", "a/zzz"), ("missing", "a/003"), ("missing", "b")),
    ]
    assert {each.name for each in found.outcomes if not each.passed} == {"count", "checksum", "orphans"}


def test_verification_of_what_was_moved_finds_nothing_and_reads_a_sample_on_both_sides(world: World) -> None:
    loaded(world.run())

    found = world.migration.verify("all", 100.0)

    assert found.findings == []
    assert found.read == 33
    assert all(each.passed for each in found.outcomes)


@pytest.mark.parametrize("discard", [False, True])
def test_several_loads_go_back_at_once_the_newest_first(world: World, discard: bool) -> None:
    world.contract = contract(conflict="overwrite")
    world.target.put("a/005", b"of somebody else")
    loaded(world.run())
    for body in (b"second", b"third"):
        world.source.put("a/005", body)
        loaded(world.run())
    if discard:
        world.target.put("a/005", b"edited")

    assert world.back(0, discard=discard).failure == ""

    assert world.target.bodies() == {"a/005": b"of somebody else"}
