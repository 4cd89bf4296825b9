"""Together: partitions that were refused for rows which stand in one another are loaded once more, in turns.

Rows that moved from one partition to another in the source have their keys still in the partition where
they were, so that it has to be loaded first; where partitions have come to have rows of each other, none
can be first, and they are loaded in one transaction.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from shlex import quote
from typing import Protocol

from migration_assets.stages.report import StageReport
from migration_assets.stages.way import Migration as Alone
from migration_assets.stages.way import StageResult, failed, judged, stage_result
from migration_assets.stores.trying import in_words, tried
from migration_assets.tables.turns import Needs, reached, turns


class Migration(Alone, Protocol):
    # loads staged partitions in one transaction, all or none; their reports by partition
    def load_together(self, partitions: Sequence[str], run_id: str) -> Mapping[str, StageReport]: ...

    # whether one of these runs has staged rows of it that are not loaded yet
    def waits(self, partition_key: str, runs: frozenset[str]) -> bool: ...

    # the other partitions that have, in the target, keys of the rows that are staged of this one
    def held_by(self, partition_key: str, run_id: str) -> frozenset[str]: ...


@dataclass
class Together:
    """The results of one run, of which those are held back that may come to another end."""

    migration: Migration
    contract: str
    run_id: str
    #: the runs that move other partitions for the same command
    beside: Callable[[], frozenset[str]] = frozenset[str]
    held: dict[str, StageResult] = field(default_factory=dict[str, StageResult])
    #: partitions that this run has taken up
    tried: set[str] = field(default_factory=set[str])
    #: those of other runs without which this one's cannot be loaded; of them only success is told
    taken: set[str] = field(default_factory=set[str])

    def first(self, results: Iterable[StageResult]) -> Iterator[StageResult]:
        """All results but those that are held back."""
        for result in results:
            self.tried.add(result.partition)
            if result.together:
                self.held[result.partition] = result
            else:
                yield result

    def then(self) -> Iterator[StageResult]:
        """The results of those that were held back, each group after what it needs.

        Those whose own rows fail a check are left out, and the others of their group tried without them.
        """
        holders, unknown = self._holders()
        yield from unknown
        # why another run could not load what is taken along is not known: it may have been for references
        referring = {key for key, held in self.held.items() if held.together == "references"} | self.taken
        needs = needed(holders, frozenset(referring))
        waiting, loaded = list(turns(needs)), set[str]()
        while waiting:
            group = waiting.pop(0)
            outside = frozenset[str]().union(*(needs[key] for key in group)) - group - loaded
            results = self._refused(group, holders) if outside else self._loaded(sorted(group))
            left_out = {each.partition for each in results if _failed_a_check(each)}
            if not outside and not any(result.failure for result in results):
                loaded |= group
            for result in results:
                if not left_out or result.partition in left_out:
                    yield from self._told(result, holders)
            if left_out:
                left = group - left_out
                needs |= {key: holders[key] | (needs[key] & left) for key in left}
                waiting = [*turns({key: needs[key] for key in left}), *waiting]

    def _holders(self) -> tuple[dict[str, frozenset[str]], list[StageResult]]:
        """By partition that is held back or taken along, those that hold its keys; and the results of those
        of which that cannot be told."""
        holders: dict[str, frozenset[str]] = {}
        unknown: list[StageResult] = []
        ahead = list(self.held)
        while ahead:
            key = ahead.pop()
            try:
                holders[key], _ = tried(lambda key=key: self.migration.held_by(key, self.run_id))
                new = self._taken_along(holders[key] - holders.keys())
            except Exception as error:
                if result := self.held.get(key):
                    words = f"{result.failure} {in_words(error)}"
                    unknown.append(replace(result, failure=words, together=""))
                continue
            self.taken |= new
            ahead += new
        return holders, unknown

    def _taken_along(self, others: frozenset[str]) -> frozenset[str]:
        """Of these, the ones that another run of the same command has staged, and could not load yet."""
        foreign = others - self.tried - self.taken
        runs = self.beside() if foreign else frozenset[str]()
        return frozenset(key for key in foreign if self.migration.waits(key, runs))

    def _loaded(self, group: Sequence[str]) -> list[StageResult]:
        if len(group) == 1 and group[0] in self.held:
            return [stage_result(self.migration, group[0], "loaded", self.run_id)]
        try:
            reports, after = tried(lambda: self._in_one_transaction(group))
        except Exception as error:
            return [failed(key, "loaded", error) for key in group]
        return [judged(report, after) for report in reports.values()]

    def _in_one_transaction(self, group: Sequence[str]) -> Mapping[str, StageReport]:
        # another run may have loaded what was taken along, and together with this one's
        runs = self.beside()
        left = [key for key in group if key in self.held or self.migration.waits(key, runs)]
        return self.migration.load_together(left, self.run_id) if left else {}

    def _refused(self, group: Iterable[str], holders: Needs) -> list[StageResult]:
        mine = sorted(key for key in group if key in self.held)
        return [replace(self.held[key], failure=self._why(key, holders)) for key in mine]

    def _told(self, result: StageResult, holders: Needs) -> Iterator[StageResult]:
        """What was refused for a key once more, in words that name the others; of what was taken along,
        only that it is there."""
        if result.failure and result.partition not in self.held:
            return
        if result.together == "keys" and holders[result.partition]:
            result = replace(result, failure=self._why(result.partition, holders))
        yield replace(result, together="")

    def _why(self, key: str, holders: Needs) -> str:
        others = sorted(reached(holders, key) - {key})
        if not others:
            return self.held[key].failure
        named = f"partition {others[0]} has" if len(others) == 1 else f"partitions {', '.join(others)} have"
        command = f"`migrate run {self.contract} --partitions {quote(','.join(sorted({key, *others})))}`"
        why = (
            f"{command} loads them in one transaction; if it is refused, the source has a key twice."
            if set(others) - self.tried
            else "All of them were read by this run: the source has a key twice, or a row moved while it was "
            f"read. Look for it there, then {command}."
        )
        return (
            f"Partition {key} of {self.contract} has rows whose keys {named} in the target (SQLSTATE 23505): "
            f"rows moved in the source, or stand there twice. The target is unchanged. {why}"
        )


def needed(holders: Needs, referring: frozenset[str]) -> dict[str, frozenset[str]]:
    """By partition, which others have to be loaded before it or with it.

    refused for                                  needs
    keys that other partitions hold              these
    references to rows that it would take out,   those that need it; where none does, all that were refused
    or from rows that find nothing               for references
    """
    needs = dict(holders)
    free = frozenset(key for key in referring & holders.keys() if not holders[key])
    for key in free:
        after = frozenset(other for other, held in holders.items() if key in held)
        needs[key] = after or free - {key}
    return needs


def _failed_a_check(result: StageResult) -> bool:
    return result.report is not None and any(o.blocking and not o.passed for o in result.report.outcomes)
