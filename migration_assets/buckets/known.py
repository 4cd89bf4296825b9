"""What is known of each object of an inventory before it is decided: by one listing of the target, by the
records, and by what the contract's expressions say."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from migration_assets.buckets.carrying import carried
from migration_assets.buckets.claimed import hash_of
from migration_assets.buckets.deciding import SKIP_STANDS, Rule, Seen, decided, equal
from migration_assets.buckets.expressions import Expressions, Said
from migration_assets.buckets.index import Index
from migration_assets.buckets.model import Attributes, Decision, Found, There
from migration_assets.buckets.packing import packed
from migration_assets.buckets.part import (
    Inventoried,
    Packaged,
    Part,
    identity,
)
from migration_assets.buckets.reading import equal_when_read
from migration_assets.buckets.records import Recorded
from migration_assets.errors import SourceChanged

#: objects that are decided together
BATCH = 5_000


@packed
@dataclass(frozen=True, slots=True)
class Written:
    """What of a record decides about its object again."""

    key: str
    target: str
    there: There | None
    modified: str
    attributes: Attributes | None

    @classmethod
    def of(cls, recorded: Recorded) -> "Written":
        moved = recorded.moved
        found, target = moved.decision.found, moved.decision.target
        return cls(found.key, target, moved.there, found.modified, moved.decision.attributes)


class Deciding:
    """Decides batch after batch, by one listing of the target and by the records."""

    def __init__(self, part: Part, generation: int) -> None:
        self._part = part
        self._generation = generation
        self._expressions = Expressions(part.bucket.expressions)
        self._rule = Rule(part.bucket.conflict, part.ends.largest, part.ends.longest_key)
        #: by target the key that goes there
        self._taken: Index[str] = Index()
        #: by the hash of a target the other partition that has claimed it
        self.claimed: Mapping[int, str] = {}
        #: the target of the version that was last decided to be copied
        self._copied = ""

    def batches(self, inventory: Iterable[Inventoried]) -> Iterator[list[Decision]]:
        for batch in _batches(inventory, BATCH):
            yield [self._in_order(self._decided(*seen)) for seen in self._read(list(self._looked_at(batch)))]

    def goals(self, inventory: Iterable[Inventoried]) -> Iterator[str]:
        """The keys on the target that the contract's expression gives."""
        for batch in _batches(inventory, BATCH):
            for said in self._evaluated(batch):
                if key := said.texts.get("key"):
                    yield self._part.ends.to_place.whole(key)

    def _evaluated(self, batch: list[Inventoried]) -> list[Said]:
        return self._expressions.evaluate([(self._behind(each.found), each.attributes) for each in batch])

    def seen(self, inventory: Iterable[Inventoried]) -> Iterator[tuple[Seen, Attributes | None]]:
        """What is known of each object, and what it is to carry; nothing is decided."""
        for batch in _batches(inventory, BATCH):
            yield from self._looked_at(batch)

    def _looked_at(self, batch: list[Inventoried]) -> Iterator[tuple[Seen, Attributes | None]]:
        for one, texts in zip(batch, self._evaluated(batch), strict=True):
            yield self._seen(one, texts)

    def _read(self, looked: list[tuple[Seen, Attributes | None]]) -> list[tuple[Seen, Attributes | None]]:
        """Where an equal object is to be skipped and no listing tells whether it is, both are read."""
        reader = self._part.ends.reader
        if reader is None or self._rule.conflict != "skip_equal":
            return looked
        open_ones = {
            at: (seen.found, seen.there)
            for at, (seen, _) in enumerate(looked)
            if seen.equal == "unknown"
            and seen.there
            and not (seen.ours or seen.fault or seen.skip or seen.stands)
        }
        told = equal_when_read(self._part.ends.source, reader, open_ones.values())
        for at, same in zip(open_ones, told, strict=True):
            looked[at] = (replace(looked[at][0], equal=same), looked[at][1])
        return looked

    def _decided(self, seen: Seen, carries: Attributes | None) -> Decision:
        made = decided(seen, self._rule)
        if made.target != seen.target and (other := self._collision(seen.found.key, made.target)):
            made = decided(replace(seen, collides=other), self._rule)
        return made if made.action == "refuse" or carries is None else replace(made, attributes=carries)

    def _in_order(self, decision: Decision) -> Decision:
        """Behind a version that is copied the newer ones are, too: the last one is current."""
        if not decision.found.version or decision.reason == SKIP_STANDS:
            return decision
        if decision.action == "copy":
            self._copied = decision.target
        elif decision.action == "skip" and self._copied == decision.target:
            return replace(decision, action="copy", reason="behind an older version that is copied")
        return decision

    def _behind(self, found: Found) -> Found:
        """As the contract's expressions see it: its key behind the prefix."""
        behind = self._part.ends.from_place.behind(found.key)
        return replace(found, key=behind) if self._part.bucket.expressions else found

    @cached_property
    def _written(self) -> tuple[Index[Written], Index[Written]]:
        """By object and by target, what this migration has last written."""
        objects, targets = Index[Written](), Index[Written]()
        for each in self._part.records.standing():
            written = Written.of(each)
            objects.first(identity(each.moved.decision.found), written)
            targets.first(written.target, written)
        return objects, targets

    @cached_property
    def _begun(self) -> Index[Decision]:
        return self._part.begun(self._generation, self._written[0])

    @cached_property
    def _there(self) -> Index[There]:
        return Index((each.key, each) for each in self._part.there())

    def _seen(self, one: Inventoried, said: Said) -> tuple[Seen, Attributes | None]:
        found = one.found
        packaged = self._packaged(one, said)
        of_objects, of_targets = self._written
        before = of_objects.get(identity(found))
        if before and before.target not in (packaged.path, f"{packaged.path}{self._rule.beside}"):
            before = None  # the contract says another key by now
        target = before.target if before else packaged.path
        there = self._there.get(target) or self._renamed(before)
        proven = before.there if before else None
        begun, written = self._begun.get(target), of_targets.get(target)
        carries = carried(self._part.bucket, one.attributes, said.texts)
        ours = written is not None and _same(there, written.there)
        if not ours and begun is not None and _arrived(begun, there):
            # by a dead run, unrecorded: what that had read may be older than the source is now
            meant = begun.found
            ours, written = True, Written(meant.key, target, there, meant.modified, begun.attributes)
        seen = Seen(
            found,
            target,
            there,
            equal(found, there, proven),
            ours=ours,
            stands=before is not None and bool(found.version) and (found.marker or not found.latest),
            renewed=ours and written is not None and _renewed(written, found, carries),
            collides=self._collision(found.key, target),
            fault=one.fault or said.fault or packaged.fault,
            skip=packaged.skip,
            format=packaged.format,
            package=packaged.package,
        )
        return seen, carries

    def _renamed(self, before: Written | None) -> There | None:
        """What was moved, where the target lists it under a name of its own."""
        return self._there.get(before.there.key) if before and before.there else None

    def _packaged(self, one: Inventoried, said: Said) -> Packaged:
        """Where it goes; the path of a package, or the key that the contract says, else its own."""
        ends = self._part.ends
        # an object whose key is the prefix itself (`exports/`) has nothing behind it, and is one like others
        said_key = said.texts["key"] if "key" in said.texts else ends.from_place.behind(one.found.key)
        path = ends.to_place.whole(said_key or "") if said_key or "key" not in said.texts else ""
        if ends.packaged is None or said.fault or not path:
            return Packaged("", {}, path)
        try:
            return ends.packaged(one.found, one.attributes, path, said.texts)
        except SourceChanged:
            return Packaged("", {}, path, "it changed since it was listed; run again")

    def _collision(self, key: str, target: str) -> str:
        first = self._taken.first(target, key)
        if first != key:
            return self._part.named(first)
        other = self.claimed.get(hash_of(target)) if self.claimed else None
        return f"an object of partition {other}" if other else ""


def _renewed(written: Written, found: Found, carries: Attributes | None) -> bool:
    """Whether the key was written again, though with the same bytes, or is to carry something else."""
    again = written.key == found.key and written.modified != found.modified
    return not found.version and (again or written.attributes != carries)


def _arrived(begun: Decision, there: There | None) -> bool:
    """Whether a dead run can have written it: nothing was there, and it may be what that run had read. Of
    versions it may be a newer one; what is there stays below those that follow."""
    if begun.before is not None:
        return False
    return bool(begun.found.version) or equal(begun.found, there, None) != "no"


def _same(there: There | None, written: There | None) -> bool:
    """Whether what is there is what was written."""
    if there is None or written is None:
        return False
    return (there.etag, there.size) == (written.etag, written.size)


def _batches(objects: Iterable[Inventoried], number: int) -> Iterator[list[Inventoried]]:
    batch: list[Inventoried] = []
    for each in objects:
        batch.append(each)
        if len(batch) == number:
            yield batch
            batch = []
    if batch:
        yield batch
