"""Whether the target is what the contract makes of the source now: both sides listed, and samples read."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from migration_assets.buckets import choosing, proving, sampling
from migration_assets.buckets.counted import NAMED, Counted
from migration_assets.buckets.deciding import Seen
from migration_assets.buckets.extracting import inventoried
from migration_assets.buckets.index import Index
from migration_assets.buckets.known import Deciding
from migration_assets.buckets.model import Attributes, Found
from migration_assets.buckets.part import Part
from migration_assets.buckets.reading import sha256_of
from migration_assets.buckets.tally import Expected, Tally
from migration_assets.checks.outcome import CheckOutcome

Kind = Literal["missing", "extra", "changed"]
#: a partition, and by target what has to be there
Told = Callable[[Part, Index[Expected]], None]


@dataclass
class Verified:
    """One partition."""

    partition: str
    source: int = 0
    target: int = 0
    #: kind and key as it may be shown, of the first so many
    findings: list[tuple[Kind, str]] = field(default_factory=list[tuple[Kind, str]])
    unnamed: int = 0
    #: objects whose bytes were read on both sides
    read: int = 0
    outcomes: tuple[CheckOutcome, ...] = ()
    seconds: float = 0.0

    def add(self, kind: Kind, first: Sequence[str], number: int) -> None:
        """So many of a kind, of which the first are named."""
        named = first[: max(0, NAMED - len(self.findings))]
        self.findings.extend((kind, key) for key in named)
        self.unnamed += number - len(named)


def verify(
    part: Part, sample: float | None = None, seed: int = 0, told: Told = lambda _, __: None
) -> Verified:
    """`sample` percent of the objects are read on both sides; none by default, but where listings cannot
    tell. Nothing is written; `told` is given what the target has to hold, by target."""
    started, chance = time.monotonic(), random.Random(seed)
    found, tally = Verified(part.key), Tally()
    pairs: Index[sampling.Pair] = Index()
    for seen, carries in _current(part):
        found.source += 1
        if seen.skip:
            tally.skipped += 1
            continue
        tally.moved += 1
        chosen = sample is not None and chance.random() * 100 < sample
        expected = _expected(part, seen, found, read=chosen)
        tally.expected.put(seen.target, expected)
        if seen.there is not None and seen.ours:
            tally.ours += 1
            pairs.put(seen.target, sampling.Pair(seen.found, seen.target, expected, carries))
    compared = proving.compared(part, tally.expected)
    _name(found, part, compared)
    told(part, tally.expected)
    found.target = compared.expected - compared.missing.number + compared.extra.number
    # of what is missing nothing can be asked, so that fewer are than would be of what was moved
    sample_of = choosing.chosen(tally.expected, tally.ours, "never", seed)
    asked = [pair for key in sorted(sample_of.asked) if (pair := pairs.get(key)) is not None]
    read = [pair for key in sorted(sample_of.read or ()) if (pair := pairs.get(key)) is not None]
    looked = sampling.looked_at(part, asked, read, tally.dropped)
    made = (*proving.outcomes(part, tally, found.source, compared), *sampling.outcomes(looked))
    seconds = time.monotonic() - started
    counts = {"proof": "migrate verify", "read_on_both_sides": found.read, "seconds": round(seconds, 3)}
    found.outcomes = tuple(replace(each, counts={**each.counts, **counts}) for each in made)
    found.seconds = seconds
    return found


def _name(found: Verified, part: Part, compared: proving.Compared) -> None:
    kinds: tuple[tuple[Kind, Counted[str]], ...] = (
        ("missing", compared.missing),
        ("changed", compared.changed),
        ("changed", compared.resized),
        ("changed", compared.unproven),
        ("extra", compared.extra),
    )
    for kind, keys in kinds:
        found.add(kind, [part.named(key) for key in keys.first], keys.number)


def _current(part: Part) -> Iterator[tuple[Seen, Attributes | None]]:
    """The source's objects as they are now; of versions the newest, and no delete markers."""
    deciding = Deciding(part, part.records.next_generation())
    newest: tuple[Seen, Attributes | None] | None = None
    for each in deciding.seen(inventoried(part)):
        if newest is not None and newest[0].found.key != each[0].found.key and not newest[0].found.marker:
            yield newest
        newest = each
    if newest is not None and not newest[0].found.marker:
        yield newest


def _expected(part: Part, seen: Seen, found: Verified, *, read: bool) -> Expected:
    """With what is there as proven where a listing, a record or a reading of both says that it is equal."""
    equal = seen.equal == "yes"
    sha256 = ""
    if seen.there is not None and (read or seen.equal == "unknown") and part.ends.reader is not None:
        found.read += 1
        there = Found(seen.target, seen.there.size, seen.there.etag, "", version=seen.there.version)
        sha256 = sha256_of(part.ends.source, seen.found)
        equal = bool(sha256) and sha256 == sha256_of(part.ends.reader, there)
    return Expected(seen.found.key, seen.found.size, seen.there if equal else None, equal, seen.ours, sha256)
