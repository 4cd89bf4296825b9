"""What the target's table gets after its rows: sequences, keys that waited, indexes, foreign keys."""

from collections.abc import Callable, Mapping
from functools import partial

from psycopg2 import extensions

from migration_assets.contracts.model import Contract
from migration_assets.tables.targets import catalog, finder
from migration_assets.tables.targets.foreign_keys import missing_foreign_key, touching
from migration_assets.tables.targets.indexes import missing_indexes
from migration_assets.tables.targets.keys import missing_keys
from migration_assets.tables.targets.locks import patiently
from migration_assets.tables.targets.sequences import move_sequences
from migration_assets.tables.targets.work import do_missing


def finish(
    connection: extensions.connection,
    contract: Contract,
    contracts: Mapping[str, Contract],
    complete: Callable[[str], bool],
) -> tuple[str, ...]:
    """Does what is left to do and returns it in words, with what could not be done; commits each piece.

    `complete` says of a contract whether all of its partitions are loaded; until then only sequences move.
    Raises LoadRefused when rows share a key that the contract's index says is unique, and when others
    hold the table for too long.
    """
    place = catalog.place_of(contract)
    said = move_sequences(connection, contract)
    if not complete(contract.name):
        finder.keep_up(connection, contract)
        return said
    said += do_missing(connection, partial(missing_keys, contract=contract), [place])
    patiently(connection, "its index", [place], partial(finder.remove, connection, contract))
    said += do_missing(connection, partial(missing_indexes, contract=contract), [place])
    for child, reference, parent in touching(contract, contracts, complete):
        look = partial(missing_foreign_key, child=child, reference=reference, parent=parent)
        places = [catalog.place_of(child), catalog.place_of(parent)]
        said += do_missing(connection, look, places)
    return said
