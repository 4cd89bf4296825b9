"""The sizes of the parts that an object was uploaded in, and of those that it is uploaded in again.

The ETag of an upload in parts is the MD5 of the parts' MD5s, and `-` and their number: equal parts give an
equal ETag.
"""

import hashlib
import re
from collections.abc import Sequence

from migration_assets.buckets.model import Found
from migration_assets.buckets.s3.flow import Waits
from migration_assets.buckets.s3.store import Refused, Store
from migration_assets.errors import Passing

MIB = 1 << 20
#: bytes of a single upload, and of a part; S3's own limits
SMALLEST_PART, LARGEST_PUT, MOST_PARTS = 5 * MIB, 5 << 30, 10_000
#: of an upload that has no layout to follow
PART = 16 * MIB
#: what the usual clients take, the commonest first
_USUAL = tuple(
    size * unit
    for size, unit in (
        (8, MIB), (5, MIB), (16, MIB), (64, MIB), (100, MIB), (128, MIB), (15, MIB), (10, MIB), (50, MIB),
        (32, MIB), (25, MIB), (256, MIB), (512, MIB), (1024, MIB), (6, MIB), (7, MIB), (20, MIB), (40, MIB),
        (100, 10**6), (10, 10**6), (50, 10**6),
    )
)  # fmt: skip
_PARTS = re.compile(r"[0-9a-f]{32}-([1-9][0-9]{0,4})")
_MD5 = re.compile(r"[0-9a-f]{32}")


def is_md5(etag: str) -> bool:
    """Whether it looks like the MD5 of the whole body."""
    return _MD5.fullmatch(etag) is not None


def part_count(etag: str) -> int:
    """Of an upload in parts; 0 for every other ETag."""
    found = _PARTS.fullmatch(etag)
    return int(found[1]) if found else 0


def uniform(size: int, part: int) -> tuple[int, ...]:
    """Parts of one size; the last one has what is left."""
    whole, rest = divmod(size, part)
    return (part,) * whole + ((rest,) if rest or not size else ())


def candidates(size: int, count: int, seen: Sequence[int] = ()) -> list[tuple[int, ...]]:
    """Layouts of usual clients that give so many parts, the likeliest first.

    `seen` are sizes of parts that others of the same source had. Whoever makes objects of whole millions of
    bytes counts in millions, and does so where they are cut, too.
    """
    decimal = size % 10**6 == 0
    usual = sorted(_USUAL, key=lambda part: (part % 10**6 == 0) != decimal) if decimal else _USUAL
    found = [uniform(size, part) for part in dict.fromkeys((*seen, *usual)) if -(-size // part) == count]
    if not found and count == 1:
        return [(size,)]
    return found


def own(size: int) -> tuple[int, ...]:
    """Where there is none to follow: parts of 16 MiB, larger where they would be too many."""
    part = max(PART, -(-size // MOST_PARTS))
    return uniform(size, -(-part // MIB) * MIB)


class Habits:
    """Sizes of parts that made the ETags which a source claims, the newest first; of all threads."""

    def __init__(self) -> None:
        self.seen: tuple[int, ...] = ()

    def add(self, parts: Sequence[int]) -> None:
        if len(parts) > 1 and self.seen[:1] != parts[:1]:
            self.seen = (parts[0], *(size for size in self.seen if size != parts[0]))


def can_be_made(parts: Sequence[int]) -> bool:
    """Whether S3 takes such parts: all but the last have 5 MiB, none has more than 5 GiB."""
    return (
        0 < len(parts) <= MOST_PARTS
        and all(size >= SMALLEST_PART for size in parts[:-1])
        and all(size <= LARGEST_PUT for size in parts)
    )


def composite(digests: Sequence[bytes]) -> str:
    """The ETag of parts with these MD5s."""
    return f"{hashlib.md5(b''.join(digests), usedforsecurity=False).hexdigest()}-{len(digests)}"


def layout(store: Store, found: Found, ask_parts: bool, *, every: bool = False) -> tuple[int, ...] | None:
    """As the store tells, all where asked for; () for a single upload, None where it does not tell."""
    count = part_count(found.etag)
    if not count:
        return ()
    first = _part(store, found, 1, count) if ask_parts else None
    if first is None:
        return None
    guess = uniform(found.size, first) if first else (0,)
    if not every and len(guess) == count:
        return guess
    sizes = [first, *(_part(store, found, number, count) for number in range(2, count + 1))]
    told = tuple(size for size in sizes if size is not None)
    return told if len(told) == count and sum(told) == found.size else None


def _part(store: Store, found: Found, number: int, count: int) -> int | None:
    query = [("partNumber", str(number)), *([("versionId", found.version)] if found.version else [])]
    waits = Waits()
    while True:
        try:
            answer = store.ask("HEAD", found.key, query)
            break
        except Refused:
            return None
        except Passing as error:
            waits.wait(error)
    told = answer.headers.get("x-amz-mp-parts-count", "")
    size = answer.headers.get("content-length", "")
    return int(size) if told == str(count) and size.isdecimal() else None
