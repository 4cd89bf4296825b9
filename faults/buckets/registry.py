"""A repository of packages as a trial's target: the stand-in of Cloudsmith, looked into past its API."""

import hashlib
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from faults.buckets.kinds import Plans
from faults.buckets.proxy import HANG
from faults.buckets.things import State, Thing
from migration_assets_tests.buckets.cloudsmith.standin import StandIn, serving
from migration_assets_tests.buckets.cloudsmith.standin.faulty import Fault, Faults

OWNER, REPOSITORY, KEY = "faulty", "crates", "secret-of-the-repository"


class Hanging(Faults):
    """The stand-in's faults, and one more: nothing is said for a while, then the connection is cut."""

    def due(self, what: str, actions: frozenset[str]) -> Fault | None:
        of_requests = "cut before" in actions
        found = super().due(what, actions | {"hang"} if of_requests else actions)
        if found and found.action == "hang":
            time.sleep(HANG)
            return replace(found, action="cut before")
        return found


@contextmanager
def repository() -> Generator[StandIn]:
    with serving(api_key=KEY, delay=0.05) as standin:
        standin.faults = standin.world.faults = Hanging()
        yield standin


@dataclass
class RegistryTarget:
    standin: StandIn
    #: slugs of the packages that were there when a run began
    _slugs: Mapping[str, str] = field(default_factory=dict[str, str])

    def emptied(self) -> None:
        world = self.standin.world
        with world.lock:
            for these in (world.packages, world.bin, world.uploads):
                these.clear()
        world.make(OWNER, REPOSITORY)

    def plan(self, plans: Plans) -> list[str]:
        faults = self.standin.faults
        faults.those.clear()
        for each in self.standin.world.packages.values():
            each.due = min(each.due, time.time())  # what was stuck goes on
        for each in plans.packages:
            faults.add(each.action, each.match, each.times, seconds=1)
        self.standin.asked.clear()
        self.standin.moved.clear()
        self._slugs = {slug: str(each.said["filepath"]) for slug, each in self._packages().items()}
        return []

    def struck(self) -> list[str]:
        return [
            f"{each.done}x {each.action} at {each.match or 'a package'}"
            for each in self.standin.faults.those
            if each.done
        ]

    def _packages(self) -> dict[str, Any]:
        self.standin.world.advance()
        return dict(self.standin.world.packages)

    def read(self) -> dict[str, State]:
        """Each package of a path is a state's version: two of them are one too many."""
        found: dict[str, list[Thing]] = {}
        for each in self._packages().values():
            if each.state == "completed":
                body = each.file.read_bytes()
                thing = Thing(hashlib.sha256(body).hexdigest(), len(body))
                found.setdefault(str(each.said["filepath"]), []).append(thing)
        return {path: tuple(those) for path, those in found.items()}

    def there(self, state: State) -> State:
        return tuple(each.bare for each in state)

    def left(self, *, kept: bool, canaries: bool) -> list[str]:
        del kept, canaries  # in the recycle bin, where Cloudsmith keeps them by itself; there are none
        found = [f"an unfinished upload of {name!r}" for name in self.standin.world.unfinished()]
        for each in self._packages().values():
            if each.state != "completed":
                found.append(f"a package of {each.said['filepath']!r} that is {each.state}")
        return found

    def sent(self) -> set[str]:
        now = self._packages()
        return {str(each.said["filepath"]) for slug, each in now.items() if slug not in self._slugs}

    def changed(self) -> list[str]:
        asked = [each for each in self.standin.asked if not each.startswith(("GET ", "HEAD "))]
        # a probe asks whether it might
        return [*(each for each in asked if "/validate" not in each), *self.standin.moved]

    def hasty(self) -> int:
        return 0

    def put(self, key: str, rng: Random) -> None:
        """Of a path that is there, another file; else a package of its own."""
        world = self.standin.world
        for each in self._packages().values():
            if each.said["filepath"] == key:
                each.file.write_bytes(rng.randbytes(2_000))
                each.digests = _digests(each.file.read_bytes())
                return
        name = key.rpartition("/")[2]
        upload = world.request(OWNER, REPOSITORY, {"filename": name})
        upload.file = world.place()
        upload.file.write_bytes(rng.randbytes(2_000))
        said = {"filepath": key, "name": name, "version": "1"}
        made = world.create(OWNER, REPOSITORY, "generic", said, {"package_file": upload})
        made.due = 0.0
        world.advance()

    def lost(self, key: str) -> None:
        for each in self._packages().values():
            if each.said["filepath"] == key:
                self.standin.world.delete(each)


def _digests(body: bytes) -> dict[str, str]:
    return {name: hashlib.new(name, body).hexdigest() for name in ("md5", "sha1", "sha256", "sha512")}
