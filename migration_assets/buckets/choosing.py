"""Which objects of a partition are looked at again: their attributes, and their bytes."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from migration_assets.buckets import sampling
from migration_assets.buckets.formats import is_known
from migration_assets.buckets.index import Index
from migration_assets.buckets.model import Decision
from migration_assets.buckets.part import Part
from migration_assets.buckets.sampling import Looked, Pair
from migration_assets.buckets.tally import Expected, Tally
from migration_assets.contracts.bucket_model import ReadBack
from migration_assets.staging.manifest import Manifest

#: objects whose attributes are asked for, at least, and their share
ATTRIBUTES, SHARE = 100, 0.01
#: objects that are read, of those whose names say what they are, and of the others
READ = 20


@dataclass(frozen=True)
class Chosen:
    """Keys on the target."""

    asked: frozenset[str]
    #: None: all
    read: frozenset[str] | None


@dataclass
class _Drawn:
    """So many of what passes by, each with the same chance."""

    most: int
    chance: random.Random
    passed: int = 0
    some: list[str] = field(default_factory=list[str])

    def add(self, name: str) -> None:
        self.passed += 1
        if len(self.some) < self.most:
            self.some.append(name)
        elif (at := self.chance.randrange(self.passed)) < self.most:
            self.some[at] = name


def chosen(expected: Index[Expected], ours: int, read_back: ReadBack, seed: int) -> Chosen:
    """Of some `ours` objects that this migration has put there."""
    chance = random.Random(seed)
    asked = _Drawn(max(ATTRIBUTES, round(ours * SHARE)), chance)
    known, others = _Drawn(READ, chance), _Drawn(READ, chance)
    for target, each in expected.items():
        if each.ours:
            asked.add(target)
            (known if is_known(each.key) else others).add(target)
    all_asked = frozenset(asked.some)
    if read_back == "all":
        return Chosen(all_asked, None)
    return Chosen(all_asked, all_asked if read_back == "sample" else frozenset((*known.some, *others.some)))


def pairs(
    decisions: Iterator[Decision], expected: Index[Expected], wanted: frozenset[str] | None
) -> Iterator[Pair]:
    """Of the objects that are wanted, or of all that this migration has put there; of several versions the
    newest, which comes last."""
    last: Pair | None = None
    for each in decisions:
        if each.action == "refuse" or each.found.marker or (wanted is not None and each.target not in wanted):
            continue
        there = expected.get(each.target)
        if there is None or not there.ours:
            continue
        if last is not None and last.target != each.target:
            yield last
        last = Pair(each.found, each.target, there, each.attributes)
    if last is not None:
        yield last


def looked_at(part: Part, manifest: Manifest, tally: Tally) -> Looked:
    if part.ends.reader is None:
        return sampling.looked_at(part, (), (), tally.dropped)
    of = chosen(tally.expected, tally.ours, part.bucket.read_back, manifest.generation)
    wanted = of.asked | (of.read or frozenset())
    some = list(pairs(part.decisions(manifest), tally.expected, wanted))
    asked = (each for each in some if each.target in of.asked)
    if of.read is None:
        read = pairs(part.decisions(manifest), tally.expected, None)
    else:
        names = of.read
        read = (each for each in some if each.target in names)
    return sampling.looked_at(part, asked, read, tally.dropped)
