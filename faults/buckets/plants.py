"""Plants: faults put into the engine on purpose, so that it can be seen that the suite finds them.

Only workers that are asked for one have it; the tests of the suite ask. What a plant changes is imported
when it is planted: the suite itself needs none of it.
"""

from collections.abc import Callable, Iterator
from typing import Any

from migration_assets.buckets.engine import BucketMigration
from migration_assets.buckets.model import Moved, There
from migration_assets.buckets.verifying import Verified
from migration_assets.stages.way import StageResult


def planted(name: str) -> None:
    """Puts the plant into this process; KeyError where there is none of that name."""
    if name:
        PLANTS[name]()


def _believing() -> None:
    """Whatever was read is taken for what the source has."""
    from migration_assets.buckets.s3 import one

    assert one._claimed  # pyright: ignore[reportPrivateUsage]
    one._claimed = lambda _work: ""  # pyright: ignore[reportPrivateUsage]


def _writing_over() -> None:
    """No write looks at what is there."""
    from migration_assets.buckets.s3 import moving, one, parts

    moving.conditions = one.conditions = parts.conditions = lambda *_: {}
    assert moving._look  # pyright: ignore[reportPrivateUsage]
    moving._look = lambda *_: None  # pyright: ignore[reportPrivateUsage]


def _removing_all() -> None:
    """A rollback looks at nothing."""
    from migration_assets.buckets import taking_back
    from migration_assets.buckets.s3 import putting_back

    away = putting_back._away  # pyright: ignore[reportPrivateUsage]
    putting_back._remove = lambda store, there, *_: away(store, there.key)  # pyright: ignore
    taking_back.edited = lambda *_: []


def _leaving_uploads() -> None:
    """Whoever begins an upload begins another one that nobody ends, and nobody tidies up."""
    from migration_assets.buckets.s3 import parts, target

    finished = parts._finished  # pyright: ignore[reportPrivateUsage]

    def twice(work: Any, tools: Any, *rest: Any) -> Any:
        tools.target.ask("POST", work.key, [("uploads", "")], {}).read()
        return finished(work, tools, *rest)

    parts._finished = twice  # pyright: ignore[reportPrivateUsage]
    target.tidied = lambda *_: 0


def _dropping() -> None:
    """An object is said to be moved that was not, and no check looks."""
    from migration_assets.buckets import engine
    from migration_assets.buckets.s3 import target

    moved = target.moved

    def all_but_some(decision: Any, *rest: Any) -> Any:
        if decision.found.size != 1_000:
            return moved(decision, *rest)
        there = There(decision.target, decision.found.size, decision.found.etag)
        return Moved(decision, "moved", there=there, proof="etag")

    target.moved = all_but_some
    engine.proving.outcomes = lambda *_: ()  # pyright: ignore
    engine.sampling.outcomes = lambda *_: ()  # pyright: ignore


def _saying_no() -> None:
    move = BucketMigration.move

    def other(self: Any, *arguments: Any) -> Iterator[StageResult]:
        for each in move(self, *arguments):
            yield StageResult(each.partition, each.stage, each.report, each.tried_after, "because")

    setattr(BucketMigration, "move", other)  # noqa: B010


def _moving_nothing() -> None:
    """It is done before it has begun."""

    def none(self: Any, *_: Any) -> Iterator[StageResult]:
        del self
        yield StageResult("all", "loaded")

    setattr(BucketMigration, "move", none)  # noqa: B010


def _blind() -> None:
    def blind(self: Any, key: str, *_: Any) -> Verified:
        del self
        return Verified(key)

    setattr(BucketMigration, "verify", blind)  # noqa: B010


def _forgetting() -> None:
    """No object is recorded."""
    from migration_assets.buckets.records import Records

    setattr(Records, "write", lambda *_: None)  # noqa: B010


def _printing(what: str) -> Callable[[], None]:
    return lambda: print(what, flush=True)


PLANTS: dict[str, Callable[[], None]] = {
    "believes what it reads": _believing,
    "writes over what is there": _writing_over,
    "removes whatever is there": _removing_all,
    "leaves uploads": _leaving_uploads,
    "drops an object": _dropping,
    "says it is done when it is not": _moving_nothing,
    "says it is not done when it is": _saying_no,
    "verifies blindly": _blind,
    "records nothing": _forgetting,
    "prints a secret": _printing("secret-of-the-suite"),
    "prints a value": _printing("value-of-the-suite"),
}
