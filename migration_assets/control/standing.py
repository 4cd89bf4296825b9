"""What the ledgers say of contracts: the proof, whatever Dagster's instance has kept or lost.

That of a table is in its target; that of a bucket are the records in the staging place.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import closing

import psycopg2

from migration_assets.contracts.model import Contract
from migration_assets.control import bucket_truth
from migration_assets.ledger import postgres as ledger
from migration_assets.ledger.postgres import Standing
from migration_assets.stores.connections import url_of
from migration_assets.stores.postgres import classify, connect

#: by contract, then by partition
Standings = Mapping[str, Mapping[str, Standing]]


def standings(contracts: Iterable[Contract], environment: Mapping[str, str]) -> Standings:
    """The newest load of every partition; MigrationError where a ledger cannot be asked."""
    by_target: dict[str, list[Contract]] = defaultdict(list)
    found: dict[str, Mapping[str, Standing]] = {}
    for contract in contracts:
        if contract.bucket is not None:
            found[contract.name] = bucket_truth.standings(contract, environment)
        else:
            by_target[contract.target.name].append(contract)
    for together in by_target.values():
        target = together[0].target
        url = url_of(target, environment)
        try:
            with (
                closing(connect(target, url, read_only=True)) as connection,
                connection.cursor() as cursor,
            ):
                found |= {each.name: ledger.standing(cursor, each.name) for each in together}
        except psycopg2.Error as error:
            raise classify(error) from None
    return found
