"""What the records of buckets say: which partitions are loaded, and whether their source has changed."""

from collections.abc import Iterator, Mapping, Sequence

from migration_assets.buckets.records import Ended, Records
from migration_assets.contracts.model import Contract
from migration_assets.control.kinds import of_bucket
from migration_assets.errors import MigrationError
from migration_assets.planning.keys import partitions
from migration_assets.planning.meaning import meanings
from migration_assets.staging.root import staging_of
from migration_assets.tables.freshness import Freshness


def newest(contract: Contract, partition: str, environment: Mapping[str, str]) -> Ended | None:
    """The partition's newest complete generation."""
    found = Records(staging_of(environment).partition(contract.name, partition)).generations()
    return found[-1] if found else None


def in_records(
    contract: Contract, keys: frozenset[str], environment: Mapping[str, str]
) -> tuple[frozenset[str] | None, str]:
    """The partitions that are complete, and why that could not be asked."""
    try:
        found = {key: newest(contract, key, environment) for key in keys}
    except MigrationError as error:
        return None, str(error)
    return frozenset(key for key, ended in found.items() if ended and ended.state == "loaded"), ""


def freshness(contract: Contract, keys: Sequence[str], environment: Mapping[str, str]) -> Iterator[Freshness]:
    """Of the partitions that are complete; lists the source's part of each."""
    said = meanings(contract, partitions(contract))
    migration = of_bucket(contract, environment)
    for key in keys:
        ended = newest(contract, key, environment)
        if ended is None or ended.state != "loaded":
            continue
        if ended.facts.get("meaning") != said[key]:
            yield Freshness(key, "stale", "contract", "The contract has changed since it was loaded.")
        elif migration.stale(key, str(ended.facts["inventory"])):
            reason = "The source lists other objects than were moved."
            yield Freshness(key, "stale", "fingerprint", reason)
        else:
            yield Freshness(key, "fresh", "fingerprint")
