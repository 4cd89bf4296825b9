"""What a rollback of a partition would do, told without doing it."""

from collections.abc import Sequence

import psycopg2
from psycopg2 import extensions

from migration_assets.checks.outcome import RowKey
from migration_assets.contracts.model import Contract
from migration_assets.errors import MigrationError
from migration_assets.ledger import postgres as ledger
from migration_assets.ledger import restores
from migration_assets.ledger.postgres import Entry
from migration_assets.ledger.restores import Asked
from migration_assets.planning.partitions import Partition
from migration_assets.stages.foreseen import Foreseen
from migration_assets.staging.partition import StagedPartition
from migration_assets.stores.postgres import classify
from migration_assets.tables import restore_points
from migration_assets.tables.fingerprint import Fingerprint
from migration_assets.tables.putting_back import Member


def foresee(
    connection: extensions.connection,
    contract: Contract,
    partition: Partition,
    folder: StagedPartition,
    asked: Asked | int | None,
) -> Foreseen | None:
    """`asked`: a rollback that was asked for already, a generation (0: no rows), or None for the one
    before. None where there is nothing to take back. The target is read, and changed in nothing.
    """
    try:
        with connection.cursor() as cursor:
            history = ledger.history(cursor, contract.name, partition.key, ledger.ALL)
            if not history:
                return None
            if isinstance(asked, Asked):
                if restores.is_done(asked, history[0]):
                    return _done(asked, history)
                asked = asked.generation
            to = restore_points.previous(history) if asked is None else asked
            if to is None:
                return None
            return _foreseen(cursor, contract, partition, folder, history, to)
    except psycopg2.Error as error:
        raise classify(error) from None
    finally:
        connection.rollback()


def _done(asked: Asked, history: Sequence[Entry]) -> Foreseen:
    before = restore_points.entry_of(history, asked.before)
    rows = before.loaded if before else 0
    return Foreseen(
        asked.contract, asked.partition, asked.before, asked.generation, rows, history[0].loaded, done=True
    )


def _foreseen(
    cursor: extensions.cursor,
    contract: Contract,
    partition: Partition,
    folder: StagedPartition,
    history: Sequence[Entry],
    to: int,
) -> Foreseen:
    newest, earlier = history[0], restore_points.entry_of(history, to)
    member = Member(contract, partition, folder, Asked(contract.name, partition.key, newest.generation, to))
    refusals: list[str] = []
    if earlier is None and to:
        known = ", ".join(str(each.generation) for each in reversed(history))
        refusals.append(f"There is no generation {to} of {member.name}; the ledger has {known}.")
    else:
        refusals += _refused(cursor, member, history, earlier)
    edited, keys = _edited(cursor, member, newest)
    back = restore_points.origin(history, earlier) if earlier else 0
    now = restore_points.origin(history, newest)
    undone = [e.generation for e in history if e.generation > back and e.state != restore_points.ROLLED_BACK]
    return Foreseen(
        contract.name,
        partition.key,
        newest.generation,
        to,
        newest.loaded,
        earlier.loaded if earlier else 0,
        back != now,
        tuple(undone),
        edited,
        keys,
        tuple(refusals),
    )


def _refused(
    cursor: extensions.cursor, member: Member, history: Sequence[Entry], earlier: Entry | None
) -> list[str]:
    try:
        member.kept(cursor, earlier)
        member.refuse_what_is_not_exact(cursor, history)
    except MigrationError as error:
        return [str(error)]
    return []


def _edited(cursor: extensions.cursor, member: Member, newest: Entry) -> tuple[bool, tuple[RowKey, ...]]:
    """Nothing is said of an upsert whose files are gone: which rows were its own is not known any more."""
    try:
        where = member.there(cursor, newest)
    except MigrationError:
        return False, ()
    if member.found(cursor, where) == Fingerprint.parse(newest.fingerprint):
        return False, ()
    return True, member.edited(cursor, newest, where) or ()
