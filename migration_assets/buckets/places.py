"""Source and Target: what a bucket's engine asks of a store; `s3/` and `cloudsmith/` answer it."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal, Protocol

from migration_assets.buckets.model import Attributes, Decision, Found, Moved, There, Undone

Size = Literal["small", "medium", "large"]


@dataclass(frozen=True)
class Pace:
    """How many objects go side by side in one process, chosen from the inventory."""

    size: Size
    workers: int


@dataclass(frozen=True)
class Capabilities:
    """What a store was found to enforce, by one canary object, before the first object moves."""

    #: `content_md5_enforced`, `if_none_match`, `tags_by_header`, … to what was found
    facts: Mapping[str, bool | str | int]
    #: what would be lost here, one sentence each; empty for a source
    drops: tuple[str, ...] = ()


class Opened(Protocol):
    """An object that is being read; its bytes are those of one version of it."""

    @property
    def found(self) -> Found: ...

    @property
    def attributes(self) -> Attributes: ...

    # the bytes as stored (never decompressed), in pieces of up to so many; Passing where they end early
    def pieces(self, size: int) -> Iterator[bytes]: ...


class Source(Protocol):
    # as it may be shown: `s3://bucket/prefix`, no credential
    @property
    def shown(self) -> str: ...

    def capabilities(self) -> Capabilities: ...

    # keys in order from `lower` (included) up to `upper` (excluded); None is open. With versions: of each
    # key the oldest first, delete markers among them
    def listed(
        self, lower: str | None = None, upper: str | None = None, *, versions: bool = False
    ) -> Iterator[Found]: ...

    # tags, parts and checksums too, where the store tells; SourceChanged when it is not `found` any more
    def attributes(self, found: Found) -> Attributes: ...

    # `first` and `last` are places of bytes, both included; SourceChanged when it is not `found` any more
    def open(
        self, found: Found, first: int = 0, last: int | None = None
    ) -> AbstractContextManager[Opened]: ...


class Target(Protocol):
    @property
    def shown(self) -> str: ...

    def capabilities(self) -> Capabilities: ...

    # what is there, by key (or path of the package), in order
    def there(self, lower: str | None = None, upper: str | None = None) -> Iterator[There]: ...

    # each decision to `copy`, done and proven; in any order, but versions of one key one after another.
    # One object that fails is a Moved of state `failed`; raises only where nothing can go on
    def move(self, decisions: Iterable[Decision], source: Source, pace: Pace) -> Iterator[Moved]: ...

    # takes back what was moved, newest first, each only if it is still what was written
    def undo(self, moved: Iterable[Moved]) -> Iterator[Undone]: ...

    # away with what dead runs left unfinished under these keys (multipart uploads, failed packages); how many
    def tidy(self, lower: str | None = None, upper: str | None = None) -> int: ...
