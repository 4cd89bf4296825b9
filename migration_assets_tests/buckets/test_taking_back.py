from migration_assets_tests.buckets.world import World


def test_what_was_loaded_since_a_rollback_was_asked_for_is_not_taken_back_unseen(world: World) -> None:
    assert world.run()["loaded"].failure == ""
    world.migration.ask_to_restore(["all"], None, "back")
    world.source.put("a/5", b"newer")
    assert world.run()["loaded"].failure == ""

    (result,) = world.migration.restore(["all"], "back", "run-back")

    assert "was loaded since the rollback" in result.failure
    assert world.target.bodies() == world.source.bodies()
    assert world.back().failure == ""
    assert len(world.target.bodies()) == 5


def test_a_rollback_that_was_completed_is_told_again_and_does_nothing(world: World) -> None:
    assert world.run()["loaded"].failure == ""
    world.migration.ask_to_restore(["all"], None, "back")
    (first,) = world.migration.restore(["all"], "back", "run-1")

    (again,) = world.migration.restore(["all"], "back", "run-2")

    assert first.failure == again.failure == ""
    assert again.report
    assert again.report.facts["removed"] == 0
