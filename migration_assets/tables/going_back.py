"""Going back: the partitions of a rollback that was asked for, in the groups that go together."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

from psycopg2 import extensions

from migration_assets.contracts.model import Contract
from migration_assets.errors import RollbackRefused
from migration_assets.ledger import postgres as ledger
from migration_assets.ledger import restores
from migration_assets.ledger.restores import Asked
from migration_assets.planning.keys import partitions
from migration_assets.planning.order import in_order
from migration_assets.stages.report import StageReport
from migration_assets.stages.way import StageResult
from migration_assets.staging.root import staging_of
from migration_assets.stores.trying import in_words, tried
from migration_assets.tables.putting_back import Member
from migration_assets.tables.rollback import Place, Rollback, RolledBack


@dataclass(frozen=True)
class GoingBack:
    """What one contract's run does of a rollback, with the contracts that go back together with it."""

    contract: Contract
    contracts: Mapping[str, Contract]
    environment: Mapping[str, str]
    connect: Callable[[], extensions.connection]
    #: all partition keys of a contract
    keys: Callable[[str], frozenset[str]]

    def results(self, wanted: Sequence[str], restore: str, run_id: str) -> Iterator[StageResult]:
        """The rollback of each partition of this contract; what goes together is done by the first who asks.

        Done already, it is proven again.
        """
        started = time.monotonic()
        together = self._together(restore, wanted)
        unknown = [key for key in wanted if (self.contract.name, key) not in {_place(a) for a in together}]
        for key in unknown:
            yield StageResult(key, "loaded", failure=str(_not_asked(self.contract, key)))
        if len(unknown) == len(wanted):
            return
        try:
            done, after = tried(lambda: self._go(together, run_id))
        except Exception as error:
            failure = in_words(error)
            yield from (StageResult(k, "loaded", failure=failure) for k in wanted if k not in unknown)
            return
        seconds = time.monotonic() - started
        before = {_place(each): each for each in together}
        for key in wanted:
            if key not in unknown:
                place = self.contract.name, key
                yield _result(before[place], done[place], seconds / len(together), after)

    def _together(self, restore: str, wanted: Sequence[str]) -> list[Asked]:
        """What goes back in one transaction; once all of it is done, no more than is wanted here."""
        with closing(self.connect()) as connection, connection, connection.cursor() as cursor:
            asked = restores.of(cursor, restore)
            names = relatives(self.contract.name, {each.contract for each in asked}, self.contracts)
            near = [each for each in asked if each.contract in names]
            done = [restores.is_done(each, ledger.latest(cursor, *_place(each))) for each in near]
        if all(done):
            near = [a for a in near if a.contract == self.contract.name and a.partition in wanted]
        order = [contract.name for contract in in_order(self.contracts[name] for name in names)]
        return sorted(near, key=lambda each: order.index(each.contract))

    def _go(self, together: Sequence[Asked], run_id: str) -> dict[Place, RolledBack]:
        members = [self._member(number, asked) for number, asked in enumerate(together)]
        rollback = Rollback(members, self.contracts, run_id, self.keys)
        with closing(self.connect()) as connection:
            return rollback.run(connection, self.connect)

    def _member(self, number: int, asked: Asked) -> Member:
        contract = self.contracts[asked.contract]
        partition = next((p for p in partitions(contract) if p.key == asked.partition), None)
        if partition is None:
            raise RollbackRefused(
                f"{asked.contract} has no partition {asked.partition} any more.",
                advice="Take its contract, or its plan, back to what it was.",
            )
        folder = staging_of(self.environment).partition(contract.name, partition.key)
        return Member(contract, partition, folder, asked, number)


def relatives(name: str, asked: set[str], contracts: Mapping[str, Contract]) -> frozenset[str]:
    """The contracts that go back together with this one: those asked for that references lead to."""
    found, ahead = {name}, [name]
    while ahead:
        one = ahead.pop()
        near = {reference.parent for reference in contracts[one].references}
        near |= {each for each in asked if any(r.parent == one for r in contracts[each].references)}
        near = {each for each in near & asked if _same_target(contracts[each], contracts[name])}
        ahead += near - found
        found |= near
    return frozenset(found)


def _same_target(one: Contract, other: Contract) -> bool:
    return one.target.name == other.target.name


def _place(asked: Asked) -> Place:
    return asked.contract, asked.partition


def _not_asked(contract: Contract, key: str) -> RollbackRefused:
    return RollbackRefused(
        f"The ledger knows of no such rollback of partition {key} of {contract.name}.",
        advice=f"Ask for it: `migrate rollback {contract.name} --partitions {key}`.",
    )


def _result(asked: Asked, done: RolledBack, seconds: float, after: tuple[str, ...]) -> StageResult:
    entry = done.entry
    seconds = max(seconds, 1e-6)
    report = StageReport(
        stage="loaded",
        partition=asked.partition,
        generation=entry.generation if entry else asked.before + 1,
        rows=entry.loaded if entry else 0,
        bytes=done.kept.bytes,
        seconds=seconds,
        fingerprint=entry.fingerprint if entry else "",
        facts={
            "rolled_back_from": asked.before,
            "rolled_back_to": asked.generation,
            "quarantined": entry.quarantined if entry else 0,
        },
        outcomes=done.outcomes,
        refusal=done.refusal,
        made_of=done.kept.manifest.fingerprint if done.kept.manifest else "",
    )
    failure = str(done.refusal) if done.refusal else ""
    return StageResult(asked.partition, "loaded", report, after, failure)
