"""What a rollback will do, as data: `migrate rollback --preview` says it, `migrate rollback` asks for it."""

import uuid
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace

import psycopg2
from psycopg2 import extensions

from migration_assets.contracts.model import Contract
from migration_assets.control import bucket_rollback
from migration_assets.control.choice import contracts_named, partitions_chosen
from migration_assets.control.plan import keys_of
from migration_assets.ledger import postgres as ledger
from migration_assets.ledger import restores
from migration_assets.ledger.restores import Asked
from migration_assets.planning.order import in_order
from migration_assets.stages.foreseen import Foreseen
from migration_assets.stores.connections import url_of
from migration_assets.stores.postgres import classify, connect
from migration_assets.tables.engine import TableMigration

#: by contract and partition: a generation, None for the load before, or what was asked for earlier
Wish = Mapping[str, Mapping[str, Asked | int | None]]


@dataclass(frozen=True)
class RollbackPlan:
    """Partitions in the order in which they are put on record, and what is in the way."""

    #: names it in the ledger
    restore: str
    #: whether it was asked for before, and is completed now
    begun: bool
    foreseen: tuple[Foreseen, ...]
    #: contracts with rows that refer to rows of these, and are not rolled back
    dependents: tuple[str, ...] = ()
    discard: bool = False

    @property
    def contracts(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(each.contract for each in self.foreseen))

    def partitions(self, contract: str) -> tuple[str, ...]:
        return tuple(each.partition for each in self.foreseen if each.contract == contract)

    @property
    def refusals(self) -> tuple[str, ...]:
        """Why it would be refused, each reason once."""
        said = [refusal for each in self.foreseen for refusal in each.refusals]
        said += [_changed(each) for each in self.foreseen if each.edited and not self.discard]
        return tuple(dict.fromkeys(said))


def plan(
    contracts: Mapping[str, Contract],
    names: Sequence[str],
    environment: Mapping[str, str],
    *,
    wanted: Sequence[str] = (),
    to: int | None = None,
    discard: bool = False,
) -> RollbackPlan:
    """What is asked for; the rest of an earlier rollback where that was not completed.

    Reads the rows in the target, and changes nothing. MigrationError where it cannot be asked.
    """
    named = contracts_named(contracts, names)
    chosen = partitions_chosen(keys_of(named), wanted=wanted)
    wish = {name: dict.fromkeys(keys, to) for name, keys in chosen.items() if named[name].bucket is None}
    restore, begun = _begun(contracts, wish, environment)
    found = _foreseen(contracts, begun or wish, environment)
    objects, begun_before = bucket_rollback.foreseen(named, chosen, to, environment)
    found += objects
    return RollbackPlan(
        restore or begun_before or uuid.uuid4().hex[:12],
        bool(begun) or bool(begun_before),
        tuple(found),
        tuple(_dependents(contracts, {each.contract for each in found}, environment)),
        discard,
    )


def ask(
    plan: RollbackPlan, contracts: Mapping[str, Contract], environment: Mapping[str, str], by: str
) -> None:
    """Notes in the ledgers what is asked for, so that whoever is interrupted completes just that."""
    of_buckets = [each for each in plan.foreseen if contracts[each.contract].bucket is not None]
    bucket_rollback.ask(of_buckets, plan.restore, contracts, environment, discard=plan.discard, by=by)
    of_tables = [name for name in plan.contracts if contracts[name].bucket is None]
    for together in _by_target(of_tables, contracts):
        asked = [
            replace(each.asked, discard=plan.discard) for each in plan.foreseen if each.contract in together
        ]
        with _ledger(contracts[together[0]], environment) as cursor:
            if cursor:
                restores.prepare(cursor)
                restores.ask(cursor, plan.restore, asked, by)
                if plan.discard:
                    restores.allow_discarding(cursor, plan.restore)


def _foreseen(
    contracts: Mapping[str, Contract], wish: Wish, environment: Mapping[str, str]
) -> list[Foreseen]:
    return [
        each
        for contract in in_order(contracts[name] for name in wish)
        for each in TableMigration(contract, contracts, environment).foreseen(wish[contract.name])
        if not each.idle
    ]


def _begun(
    contracts: Mapping[str, Contract], wish: Wish, environment: Mapping[str, str]
) -> tuple[str, dict[str, dict[str, Asked | int | None]]]:
    """What is open of an earlier rollback, where that asked for just what is asked for now.

    open                            asked for now                 it is
    nothing                         -                             none
    a partition                     not that one, or another `to` another one
    partitions                      others too that could go      another one
    partitions                      no others                     completed
    """
    restore, mine = "", dict[str, dict[str, Asked | int | None]]()
    others = {name: dict(wanted) for name, wanted in wish.items()}
    for together in _by_target(tuple(wish), contracts):
        with _ledger(contracts[together[0]], environment) as cursor:
            name, is_open = restores.open_one(cursor, together) if cursor else ("", [])
            known = restores.of(cursor, name) if cursor and name else []
        for each in is_open:
            wanted = wish.get(each.contract, {})
            if each.partition not in wanted or wanted[each.partition] not in (None, each.generation):
                return "", {}
            mine.setdefault(each.contract, {})[each.partition] = each
        for each in known:
            others.get(each.contract, {}).pop(each.partition, None)
        restore = name or restore
    if restore and _foreseen(contracts, others, environment):
        return "", {}
    return restore, mine


@contextmanager
def _ledger(contract: Contract, environment: Mapping[str, str]) -> Generator[extensions.cursor | None]:
    """A cursor beside the contract's ledger, committed at the end; None where there is no ledger yet."""
    url = url_of(contract.target, environment)
    try:
        with closing(connect(contract.target, url)) as connection, connection, connection.cursor() as cursor:
            yield cursor if ledger.is_there(cursor) else None
    except psycopg2.Error as error:
        raise classify(error) from None


def _dependents(
    contracts: Mapping[str, Contract], changing: set[str], environment: Mapping[str, str]
) -> Iterator[str]:
    near = [
        contract
        for name, contract in sorted(contracts.items())
        if name not in changing and any(reference.parent in changing for reference in contract.references)
    ]
    for together in _by_target([contract.name for contract in near], contracts):
        with _ledger(contracts[together[0]], environment) as cursor:
            if cursor:
                yield from (name for name in together if ledger.loaded_partitions(cursor, name))


def _changed(each: Foreseen) -> str:
    keys = ", ".join(f"{row.key} ({row.reason})" for row in each.edited_keys[:3])
    more = f" and {len(each.edited_keys) - 3} more" if len(each.edited_keys) > 3 else ""
    return (
        f"Rows of partition {each.partition} of {each.contract} were changed in the target since generation "
        f"{each.before}{f': {keys}{more}' if keys else ''}. `--discard-target-changes` gives them up."
    )


def _by_target(names: Sequence[str], contracts: Mapping[str, Contract]) -> list[list[str]]:
    together: dict[str, list[str]] = {}
    for name in names:
        together.setdefault(contracts[name].target.name, []).append(name)
    return list(together.values())
