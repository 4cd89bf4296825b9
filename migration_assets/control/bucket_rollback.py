"""Rollbacks of buckets, by the records that are kept beside their staged sets."""

from collections.abc import Mapping, Sequence

from migration_assets.contracts.model import Contract
from migration_assets.control.kinds import buckets, of_bucket
from migration_assets.stages.foreseen import Foreseen


def foreseen(
    named: Mapping[str, Contract],
    chosen: Mapping[str, Sequence[str]],
    to: int | None,
    environment: Mapping[str, str],
) -> tuple[list[Foreseen], str]:
    """What would be taken back of each partition, and the name of a rollback that this completes."""
    found: list[Foreseen] = []
    begun = ""
    for name, contract in buckets(named).items():
        for each in of_bucket(contract, environment).foreseen(dict.fromkeys(chosen.get(name, ()), to)):
            begun = each.begun or begun
            found.append(each)
    return found, begun


def ask(
    asked: Sequence[Foreseen],
    restore: str,
    contracts: Mapping[str, Contract],
    environment: Mapping[str, str],
    *,
    discard: bool,
    by: str,
) -> None:
    """Notes what is asked for of each partition."""
    for each in asked:
        migration = of_bucket(contracts[each.contract], environment)
        migration.ask_to_restore([each.partition], each.generation, restore, discard=discard, by=by)
