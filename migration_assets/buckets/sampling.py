"""A sample of what is on the target: what it carries, whether it can be read, and what it is."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice

from migration_assets.buckets.carrying import same_lock
from migration_assets.buckets.counted import Counted
from migration_assets.buckets.formats import fault_of, is_known
from migration_assets.buckets.model import Attributes, Found
from migration_assets.buckets.packing import packed
from migration_assets.buckets.part import Part
from migration_assets.buckets.places import Source
from migration_assets.buckets.tally import Expected
from migration_assets.checks.from_bucket import ACCESSIBLE, FORMAT, METADATA
from migration_assets.checks.outcome import KEYS_SHOWN, CheckOutcome, RowKey
from migration_assets.contracts.bucket_model import Bucket
from migration_assets.errors import MigrationError

#: bytes up to which an object whose name says what it is is read whole; of every other one its first
WHOLE, FIRST = 8 << 20, 64 << 10
PIECE = 1 << 20
#: of a sample; what is read is held, so few
SIDE_BY_SIDE = 4
#: objects that are given to these at once
TOGETHER = 256


@packed
@dataclass(frozen=True)
class Pair:
    """An object of the source, and the same one on the target."""

    found: Found
    target: str
    wanted: Expected
    #: what the contract says it carries; None: as the source has it
    attributes: Attributes | None


@dataclass
class Looked:
    """What a sample came to."""

    asked: int = 0
    read: int = 0
    bytes: int = 0
    unlike: Counted[RowKey] = field(default_factory=Counted[RowKey])
    unread: Counted[RowKey] = field(default_factory=Counted[RowKey])
    odd: Counted[RowKey] = field(default_factory=Counted[RowKey])
    dropped: Mapping[str, int] = field(default_factory=dict)


def looked_at(part: Part, asked: Iterable[Pair], read: Iterable[Pair], dropped: Mapping[str, int]) -> Looked:
    """Nothing where the target cannot be read by its keys. Memory does not grow with the pairs."""
    looked, reader = Looked(dropped=dropped), part.ends.reader
    if reader is None:
        return looked
    to_its_end = part.bucket.read_back != "never"
    with ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="sample") as crew:
        for some in _together(asked):
            unlike_each = crew.map(lambda pair: _unlike(part, reader, pair, frozenset(dropped)), some)
            for pair, unlike in zip(some, unlike_each, strict=True):
                looked.asked += 1
                if unlike:
                    looked.unlike.add(RowKey(part.named(pair.found.key), unlike))
        for some in _together(read):
            read_each = crew.map(lambda pair: _read(reader, pair, to_its_end), some)
            for pair, one in zip(some, read_each, strict=True):
                _note(looked, part.named(pair.found.key), one)
    return looked


def _together(pairs: Iterable[Pair]) -> Iterator[list[Pair]]:
    left = iter(pairs)
    while some := list(islice(left, TOGETHER)):
        yield some


def _note(looked: Looked, name: str, one: "_Read") -> None:
    looked.read += 1
    looked.bytes += one.size
    if one.unread:
        looked.unread.add(RowKey(name, one.unread))
    if one.odd:
        looked.odd.add(RowKey(name, one.odd))


def _unlike(part: Part, reader: Source, pair: Pair, dropped: frozenset[str]) -> str:
    """The names of what differs, never a value."""
    try:
        has = reader.attributes(_found(pair))
        wanted = pair.attributes or part.ends.source.attributes(pair.found)
    except MigrationError as error:
        return f"cannot be asked for: {error.what}"
    return ", ".join(differing(part.bucket, wanted, has, dropped))


def differing(bucket: Bucket, wanted: Attributes, has: Attributes, dropped: frozenset[str]) -> list[str]:
    """Names of what of an object is not as the contract says.

    What the target was found unable to hold is counted apart. Names are compared without their case.
    """
    found: list[str] = []
    for group, one, other in (
        ("headers", wanted.headers, has.headers),
        ("metadata", wanted.metadata, has.metadata),
        ("tags", dict(wanted.tags), dict(has.tags)),
    ):
        if group not in bucket.keep and not getattr(bucket, group):
            continue
        ours, theirs = _lower(one, group), _lower(other, group)
        for name in sorted(ours.keys() | theirs.keys()):
            default = group == "headers" and name not in ours
            if ours.get(name) != theirs.get(name) and not default and not {name, group} & dropped:
                found.append(f"{group}.{name}")
    for part, same in (
        ("storage_class", (wanted.storage_class or "STANDARD") == (has.storage_class or "STANDARD")),
        ("lock", all(same_lock(has.lock.get(name, ""), value) for name, value in wanted.lock.items())),
        ("acl", sorted(wanted.acl) == sorted(has.acl)),
    ):
        asked = part in bucket.keep or getattr(bucket, part, "")
        if asked and not same and part not in dropped:
            found.append(part)
    return found


def _lower(named: Mapping[str, str], group: str) -> dict[str, str]:
    return dict(named) if group == "tags" else {name.lower(): value for name, value in named.items()}


@dataclass(frozen=True)
class _Read:
    """One object that was read: how much of it, and what is wrong with it."""

    size: int = 0
    unread: str = ""
    odd: str = ""


def _read(reader: Source, pair: Pair, to_its_end: bool) -> _Read:
    enough = WHOLE if is_known(pair.found.key) else FIRST
    last = None if to_its_end or pair.wanted.size <= enough else FIRST - 1
    body, digest, size = bytearray(), hashlib.sha256(), 0
    attributes = Attributes()
    try:
        if pair.wanted.size:
            with reader.open(_found(pair), 0, last) as opened:
                for piece in opened.pieces(PIECE):
                    digest.update(piece)
                    size += len(piece)
                    body += piece if len(body) < WHOLE else b""
                attributes = opened.attributes
    except MigrationError as error:
        return _Read(unread=f"cannot be read: {error.what}")
    unread = ""
    if last is None and size != pair.wanted.size:
        unread = "does not have as many bytes as its listing says"
    elif last is None and pair.wanted.sha256 and digest.hexdigest() != pair.wanted.sha256:
        unread = "its bytes are not those that were read from the source"
    whole = len(body) == pair.wanted.size
    return _Read(size, unread, fault_of(pair.found.key, attributes.headers, bytes(body), whole=whole))


def _found(pair: Pair) -> Found:
    there = pair.wanted.there
    return Found(
        pair.target, pair.wanted.size, there.etag if there else "", "", version=there.version if there else ""
    )


def outcomes(looked: Looked) -> tuple[CheckOutcome, ...]:
    dropped = sum(looked.dropped.values())
    more = f"; the target cannot hold {', '.join(sorted(looked.dropped))}" if dropped else ""
    return (
        CheckOutcome(
            METADATA,
            not looked.unlike,
            True,
            f"{looked.asked:,} objects were asked for, {looked.unlike.number:,} carry something else{more}.",
            {"asked": looked.asked, "unlike": looked.unlike.number, "dropped": dropped},
            tuple(looked.unlike.first[:KEYS_SHOWN]),
        ),
        CheckOutcome(
            FORMAT,
            not looked.odd,
            False,
            f"{looked.read:,} objects were read, {looked.odd.number:,} are not what they say.",
            {"read": looked.read, "odd": looked.odd.number},
            tuple(looked.odd.first[:KEYS_SHOWN]),
        ),
        CheckOutcome(
            ACCESSIBLE,
            not looked.unread,
            True,
            f"{looked.read:,} objects were read from the target, {looked.unread.number:,} of them in vain.",
            {"read": looked.read, "bytes": looked.bytes, "unread": looked.unread.number},
            tuple(looked.unread.first[:KEYS_SHOWN]),
        ),
    )
