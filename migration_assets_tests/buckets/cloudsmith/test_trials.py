"""Bad days drawn by chance: whatever comes, nothing wrong is taken for right, and the next run completes."""

import random
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from migration_assets.buckets.cloudsmith import in_parts, one_form, settling, target_of, uploading
from migration_assets.buckets.cloudsmith.digests import Digests
from migration_assets.buckets.model import Attributes, Decision, Found, Moved
from migration_assets.buckets.places import Pace
from migration_assets.errors import MigrationError, Passing, SourceChanged
from migration_assets_tests.buckets.cloudsmith.conftest import URL, sha256
from migration_assets_tests.buckets.cloudsmith.standin import StandIn, serving

REQUESTS = (
    "POST /files/",
    "POST /upload/",
    "PUT /upload/",
    "POST /packages/",
    "GET /packages/",
    "complete",
    "bulk",
)
ACTIONS = ("cut before", "cut after", "500", "503", "429")
PACKAGES = ("flip", "fail")


@dataclass
class Objects:
    """A source in memory that fails now and then."""

    bodies: dict[str, bytes]
    chance: random.Random
    bad: float = 0.0
    shown = "memory"

    def listed(self) -> list[Found]:
        return [Found(key, len(body), _md5(body), "") for key, body in sorted(self.bodies.items())]

    @contextmanager
    def open(self, found: Found, first: int = 0, last: int | None = None) -> Iterator["Opened"]:
        fate = self.chance.random() / self.bad if self.bad else 1.0
        if fate < 0.1:
            raise SourceChanged("It is another one now.")
        yield Opened(found, self.bodies[found.key], fate)


@dataclass
class Opened:
    found: Found
    body: bytes
    fate: float
    attributes: Attributes = field(default_factory=Attributes)

    def pieces(self, size: int) -> Iterator[memoryview]:
        body = bytearray(self.body)
        if 0.1 < self.fate < 0.4 and body:
            body[len(body) // 2] ^= 1
        if 0.4 < self.fate < 0.6:
            del body[len(body) // 2 :]
        if 0.6 < self.fate < 0.8:
            raise Passing("The connection was lost.", cause="connection")
        # as a source does that uses its buffer again
        buffer = bytearray(1000)
        for at in range(0, len(body), 1000):
            piece = body[at : at + 1000]
            buffer[: len(piece)] = piece
            yield memoryview(buffer)[: len(piece)]


def _md5(body: bytes) -> str:
    digests = Digests()
    digests.add(body)
    return digests.hexadecimal()["md5"]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    monkeypatch.setattr(one_form, "SMALL", 1500)
    monkeypatch.setattr(uploading, "ONE_FORM", 4000)
    monkeypatch.setattr(in_parts, "PART", 2000)
    monkeypatch.setattr(settling, "FIRST_GAP", 0.02)
    with serving(delay=0.01) as standin:
        standin.world.make("shop", "releases")
        standin.world.smallest_part = 0
        yield standin


def test_by_chance(quick: StandIn, tmp_path: Path) -> None:
    _trials(quick, tmp_path, 4)


@pytest.mark.slow
def test_by_chance_many_times(quick: StandIn, tmp_path: Path) -> None:
    _trials(quick, tmp_path, 200)


def _trials(standin: StandIn, home: Path, number: int) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    for trial in range(number):
        print(f"trial {trial} of {number}")
        _trial(standin, home, random.Random(f"{seed} {trial}"))


def _trial(standin: StandIn, home: Path, chance: random.Random) -> None:
    world = standin.world
    world.packages.clear()
    bodies = {f"k/{at}": chance.randbytes(chance.choice((0, 5, 900, 3000, 9000))) for at in range(5)}
    source = Objects(bodies, chance, bad=0.3)
    for _ in range(chance.randrange(1, 6)):
        if chance.random() < 0.3:
            standin.faults.add(chance.choice(PACKAGES), f"{chance.randrange(5)}", chance.randrange(1, 5))
        else:
            standin.faults.add(
                chance.choice(ACTIONS), chance.choice(REQUESTS), chance.randrange(1, 4), seconds=0
            )

    moved = _run(standin, home, source)
    _nothing_wrong(standin, bodies, moved)
    standin.faults.those.clear()
    source.bad = 0.0
    again = _run(standin, home, source)

    assert {each.state for each in again} <= {"moved"}
    _nothing_wrong(standin, bodies, again)
    assert {str(each.said["filepath"]) for each in world.packages.values()} == set(bodies)
    assert not world.unfinished()


def _run(standin: StandIn, home: Path, source: Objects) -> list[Moved]:
    """What the engine does: clear away, skip what is equal, move the rest."""
    target = target_of(URL, {**standin.environment("NEW"), "DAGSTER_HOME": str(home)}, "NEW")
    for _ in range(3):
        try:
            target.tidy()
            there = {each.key: each for each in target.there()}
            break
        except MigrationError:
            continue
    else:
        return []
    equal = {key for key, found in there.items() if found.digests["sha256"] == sha256(source.bodies[key])}
    # what a run that was ended left there unproven is its own, and taken for what it is
    decisions = [
        Decision(found, "copy", "", found.key, there.get(found.key), format="generic")
        for found in source.listed()
        if found.key not in equal
    ]
    moved: list[Moved] = []
    # a bad day may end a run
    with suppress(MigrationError):
        moved.extend(target.move(decisions, source, Pace("small", 3)))  # type: ignore[arg-type]
    return moved


def _nothing_wrong(standin: StandIn, bodies: dict[str, bytes], moved: list[Moved]) -> None:
    standin.world.advance()
    there = {each.slug_perm: each for each in standin.world.packages.values()}
    for each in moved:
        assert "secret" not in each.reason
        assert (each.state == "moved") == (not each.reason), each
        if each.state == "moved":
            assert each.there is not None
            stored = there[each.there.version]
            body = bodies[each.decision.found.key]
            assert each.sha256 == sha256(body), ("what was read", each)
            assert stored.digests["sha256"] == sha256(body), ("what is there", each, stored)
    paths = [str(each.said["filepath"]) for each in there.values() if each.state == "completed"]
    assert len(paths) == len(set(paths))
