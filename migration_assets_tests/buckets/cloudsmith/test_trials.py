"""Bad days drawn by chance: whatever comes, nothing wrong is taken for right, and the next run completes."""

import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from migration_assets.buckets.cloudsmith import (
    Cloudsmith,
    client,
    in_parts,
    making,
    one_form,
    settling,
    target,
    target_of,
    uploading,
)
from migration_assets.buckets.cloudsmith.digests import Digests
from migration_assets.buckets.model import Attributes, Decision, Found, Moved, There
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
    "POST /recycle-bin/",
    "GET /recycle-bin/",
    "GET /user/",
)
ACTIONS = ("cut before", "cut after", "500", "503", "429", "html")
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
    monkeypatch.setattr(client, "FIRST_WAIT", 0.02)
    monkeypatch.setattr(target, "FIRST_LOOK", 0.02)
    monkeypatch.setattr(making, "BEHIND", 0.5)
    with serving(delay=0.01) as standin:
        standin.world.make("shop", "releases")
        standin.world.smallest_part, standin.rates.limit = 0, 10**9
        yield standin


def test_by_chance(quick: StandIn, tmp_path: Path) -> None:
    _trials(quick, tmp_path, 4)


@pytest.mark.slow
def test_by_chance_many_times(quick: StandIn, tmp_path: Path) -> None:
    """As many as TRIALS says; SEED draws the same ones again."""
    _trials(quick, tmp_path, int(os.environ.get("TRIALS") or 200))


def _trials(standin: StandIn, home: Path, number: int) -> None:
    seed = int(os.environ.get("SEED") or random.randrange(2**32))
    print(f"seed {seed}")
    for trial in range(number):
        print(f"trial {trial} of {number}")
        _Trial(standin, home, random.Random(f"{seed} {trial}")).run()


@dataclass
class _Trial:
    """Moves, moves what was not moved, goes back: with faults, then without."""

    standin: StandIn
    home: Path
    chance: random.Random
    #: by key
    bodies: dict[str, bytes] = field(default_factory=dict)
    #: by path, what is there that nobody may lose
    theirs: dict[str, str] = field(default_factory=dict)
    before: dict[str, There] = field(default_factory=dict)
    #: by key, as the engine records it: what was moved, and what a dead run had moved
    records: dict[str, Moved] = field(default_factory=dict)

    def run(self) -> None:
        self._begin()
        source = Objects(self.bodies, self.chance, bad=0.3)
        self._faults()
        self._nothing_wrong(self._moved(source))
        self._good_weather()
        source.bad = 0.0
        again = self._moved(source)

        assert {each.state for each in again} <= {"moved"}, [each.reason for each in again]
        self._nothing_wrong(again)
        foreign = {path for path in self.theirs if path not in self.bodies}
        assert set(self._there()) == set(self.bodies) | foreign
        assert not self.standin.world.unfinished()
        self._go_back()

    def _begin(self) -> None:
        world, chance = self.standin.world, self.chance
        for each in (world.packages, world.bin, world._gone, world.uploads):  # pyright: ignore[reportPrivateUsage]
            each.clear()
        world.lag = 0.0
        sizes = (0, 5, 900, 3000, 9000)
        self.bodies = {f"k/{at}": chance.randbytes(chance.choice(sizes)) for at in range(5)}
        theirs = {key: b"theirs " + key.encode() for key in ("a", *self.bodies) if chance.random() < 0.3}
        decided = [Decision(each, "copy", "", each.key) for each in Objects(theirs, chance).listed()]
        assert {
            each.state for each in self._target().move(decided, Objects(theirs, chance), Pace("small", 3))
        } <= {"moved"}  # type: ignore[arg-type]
        self.theirs = {key: sha256(body) for key, body in theirs.items()}
        self.before = {each.key: each for each in self._target().there()}
        world.lag = chance.choice((0.0, 0.0, 0.0, 0.1))

    def _faults(self) -> None:
        chance, faults = self.chance, self.standin.faults
        for _ in range(chance.randrange(1, 6)):
            if chance.random() < 0.3:
                faults.add(chance.choice(PACKAGES), f"{chance.randrange(5)}", chance.randrange(1, 5))
            elif chance.random() < 0.1:
                faults.add("expire", "POST /upload/", chance.randrange(1, 3))
            else:
                faults.add(chance.choice(ACTIONS), chance.choice(REQUESTS), chance.randrange(1, 4), seconds=0)

    def _good_weather(self) -> None:
        self.standin.faults.those.clear()
        # a listing that was behind has come up
        time.sleep(self.standin.world.lag)

    def _target(self) -> Cloudsmith:
        environment = {**self.standin.environment("NEW"), "DAGSTER_HOME": str(self.home)}
        return target_of(URL, environment, "NEW")

    def _moved(self, source: Objects) -> list[Moved]:
        """What the engine does: clear away, note what dead runs have moved, move the rest."""
        target = self._target()
        for _ in range(3):
            try:
                target.tidy()
                there = {each.key: each for each in target.there()}
                break
            except MigrationError:
                continue
        else:
            return []
        decisions: list[Decision] = []
        for found in source.listed():
            now, made = there.get(found.key), Decision(found, "copy", "", found.key, format="generic")
            if now and now.digests["sha256"] == sha256(source.bodies[found.key]):
                arrived = replace(made, before=self.before.get(found.key))
                self.records.setdefault(found.key, Moved(arrived, "moved", "arrived before", 0, now))
            else:
                decisions.append(replace(made, before=now))
        moved: list[Moved] = []
        # a bad day may end a run
        with suppress(MigrationError):
            moved.extend(target.move(decisions, source, Pace("small", 3)))  # type: ignore[arg-type]
        for each in moved:
            if each.state == "moved":
                meant = replace(each.decision, before=self.before.get(each.decision.target))
                self.records[each.decision.target] = replace(each, decision=meant)
        return moved

    def _go_back(self) -> None:
        """As often as it takes; what somebody made anew meanwhile stays."""
        if self.chance.random() < 0.3:
            self._made_anew(self.chance.choice(sorted(self.records)))
        left = self.records
        for attempt in range(4):
            self._faults() if attempt < 3 else self._good_weather()
            try:
                for each in self._target().undo(left.values()):
                    if each.state in ("removed", "restored"):
                        left = {
                            key: moved for key, moved in left.items() if key != each.moved.decision.target
                        }
            except MigrationError:
                continue
        self._good_weather()
        assert self._there() == self.theirs

    def _made_anew(self, key: str) -> None:
        world = self.standin.world
        made = self.records[key].there
        assert made is not None
        world.delete(world.packages[made.version])
        time.sleep(world.lag)
        source = Objects({key: b"made anew"}, self.chance)
        (found,) = source.listed()
        (moved,) = self._target().move([Decision(found, "copy", "", key)], source, Pace("small", 1))  # type: ignore[arg-type]
        assert moved.state == "moved"
        self.theirs[key] = sha256(b"made anew")

    def _there(self) -> dict[str, str]:
        """By path the digest of what is whole, straight from the server."""
        self.standin.world.advance()
        whole = [each for each in self.standin.world.packages.values() if each.state == "completed"]
        found = {str(each.said["filepath"]): each.digests["sha256"] for each in whole}
        assert len(found) == len(whole)
        return found

    def _nothing_wrong(self, moved: list[Moved]) -> None:
        there = self.standin.world.packages
        self._there()
        for each in moved:
            assert "secret" not in each.reason
            assert (each.state == "moved") == (not each.reason), each
            if each.state == "moved":
                assert each.there is not None
                body = self.bodies[each.decision.found.key]
                assert each.sha256 == sha256(body), ("what was read", each)
                assert there[each.there.version].digests["sha256"] == sha256(body), ("what is there", each)
