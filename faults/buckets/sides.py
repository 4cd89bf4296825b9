"""What a trial asks of its target: a bucket behind a proxy, or a repository of packages."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, Protocol

from faults.buckets import things
from faults.buckets.kinds import Plans
from faults.buckets.proxy import CANARY, Proxy
from faults.buckets.things import State

RESERVED = ".migration-assets/"


class Target(Protocol):
    def emptied(self) -> None: ...
    def plan(self, plans: Plans) -> list[str]:
        """Faults from now on; nothing has been asked yet."""
        ...

    def struck(self) -> list[str]:
        """Faults that came, in words."""
        ...

    def read(self) -> dict[str, State]: ...
    def there(self, state: State) -> State:
        """What of the source's is there when it has been moved."""
        ...

    def left(self, *, kept: bool, canaries: bool) -> list[str]:
        """What no run may leave behind; `kept`: copies of what was overwritten may be there."""
        ...

    def sent(self) -> set[str]:
        """Keys that were written since."""
        ...

    def changed(self) -> list[str]:
        """Everything that was asked for since and changes something."""
        ...

    def hasty(self) -> int:
        """Requests that did not wait as long as they were told to."""
        ...

    def put(self, key: str, rng: Random) -> None:
        """Somebody else's, or one that somebody else has changed."""
        ...

    def lost(self, key: str) -> None:
        """Somebody else takes it away."""
        ...


@dataclass
class BucketTarget:
    client: Any
    bucket: str
    proxy: Proxy
    versioned: bool = False

    def emptied(self) -> None:
        things.emptied(self.client, self.bucket, versioned=self.versioned)

    def plan(self, plans: Plans) -> list[str]:
        self.proxy.calm()
        self.proxy.faults = plans.target
        return []

    def struck(self) -> list[str]:
        return [
            f"{each.done}x {each.action} at {each.operation}{' of a probe' * (each.about == 'probe')}"
            for each in self.proxy.faults
            if each.done
        ]

    def read(self) -> dict[str, State]:
        read = things.read_versions if self.versioned else things.read
        return {
            key: state
            for key, state in read(self.client, self.bucket).items()
            if not key.startswith(RESERVED)
        }

    def there(self, state: State) -> State:
        return state

    def left(self, *, kept: bool, canaries: bool) -> list[str]:
        found = [f"an unfinished upload of {key!r}" for key in self._unfinished(canaries)]
        every = (
            {key for key, _, _ in things.versions(self.client, self.bucket)}
            if self.versioned
            else things.tags_of_bytes(self.client, self.bucket)
        )
        for key in every:
            if not key.startswith(RESERVED):
                continue
            if not (canaries if key.startswith(CANARY) else kept):
                found.append(f"the object {key!r}")
        return found

    def _unfinished(self, canaries: bool) -> list[str]:
        found = things.unfinished(self.client, self.bucket)
        return [key for key in found if not (canaries and key.startswith(CANARY))]

    def sent(self) -> set[str]:
        return {key for operation, key in self.proxy.wrote if operation not in ("abort", "bucket")}

    def changed(self) -> list[str]:
        return [f"{operation} {key!r}" for operation, key in self.proxy.wrote]

    def hasty(self) -> int:
        return len(self.proxy.hasty)

    def put(self, key: str, rng: Random) -> None:
        things.put(self.client, self.bucket, key, rng, rng.choice((3, 2_000)))

    def lost(self, key: str) -> None:
        self.client.delete_object(Bucket=self.bucket, Key=key)


@dataclass
class Source:
    """The source's bucket, and what it has held."""

    client: Any
    bucket: str
    versioned: bool = False
    #: by key, every state that the source has had, the one of now last
    contents: dict[str, list[State]] = field(default_factory=dict[str, list[State]])
    #: by key, the ETag and the time of the source's objects as the suite has written them
    written: Mapping[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])

    def fill(self, rng: Random, number: int) -> None:
        things.emptied(self.client, self.bucket, versioned=self.versioned)
        things.fill(self.client, self.bucket, rng, number)
        if self.versioned:
            keys = sorted(things.tags_of_bytes(self.client, self.bucket))
            things.add_versions(self.client, self.bucket, rng, keys)
        read = things.read_versions if self.versioned else things.read
        self.contents = {key: [state] for key, state in read(self.client, self.bucket).items()}
        self.written = things.tags_of_bytes(self.client, self.bucket)

    def overwriting(self, rng: Random) -> Callable[[str], None]:
        def overwrite(key: str) -> None:
            things.put(self.client, self.bucket, key, rng)
            self.contents[key].append((things.read_one(self.client, self.bucket, key),))
            self.written = things.tags_of_bytes(self.client, self.bucket)

        return overwrite

    def is_as_written(self) -> bool:
        return things.tags_of_bytes(self.client, self.bucket) == self.written
