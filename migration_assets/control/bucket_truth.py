"""What the records of buckets say: which partitions are loaded, and whether their source has changed."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from migration_assets.buckets.records import Ended, Records
from migration_assets.contracts.model import Contract
from migration_assets.control.kinds import of_bucket
from migration_assets.errors import MigrationError, PlanRefused
from migration_assets.ledger.postgres import Entry, Standing
from migration_assets.planning.keys import partitions
from migration_assets.planning.meaning import meanings
from migration_assets.staging.place import slug
from migration_assets.staging.root import staging_of
from migration_assets.tables.freshness import Freshness


def standings(contract: Contract, environment: Mapping[str, str]) -> dict[str, Standing]:
    """The newest complete generation of each partition, in the words of a table's ledger: objects are rows.

    Nothing of a contract that is not planned yet."""
    try:
        keys = [partition.key for partition in partitions(contract)]
    except PlanRefused:
        return {}
    found = {key: _standing(contract, key, environment) for key in keys}
    return {key: standing for key, standing in found.items() if standing is not None}


def _standing(contract: Contract, partition: str, environment: Mapping[str, str]) -> Standing | None:
    records = _records(contract, partition, environment)
    ended = _newest(records)
    if ended is None:
        return None
    facts, number = ended.facts, _objects(records, ended)
    entry = Entry(
        contract.name,
        partition,
        ended.generation,
        ended.run,
        "",
        number,
        number,
        0,
        str(facts.get("fingerprint", "")),
        ended.state,
        # a rollback has taken objects out, and nothing that is staged says which are left
        _staged(records, ended) if ended.state == "loaded" else "",
        facts.get("meaning"),
        facts.get("inventory"),
    )
    return Standing(entry, datetime.fromtimestamp(ended.at, UTC))


def _objects(records: Records, ended: Ended) -> int:
    """Of a rollback, what it has left there of earlier loads."""
    if ended.state == "rolled_back":
        return sum(1 for _ in records.standing())
    return int(ended.facts.get("moved", 0)) + int(ended.facts.get("skipped", 0))


def _staged(records: Records, ended: Ended) -> str:
    """The set that the run has moved by which the generation was completed."""
    begun = [each.run for each in records.segments("begun") if each.generation == ended.generation]
    return dict(zip(begun, records.unfinished(ended.generation), strict=True)).get(slug(ended.run), "")


def _records(contract: Contract, partition: str, environment: Mapping[str, str]) -> Records:
    return Records(staging_of(environment).partition(contract.name, partition))


def _newest(records: Records) -> Ended | None:
    found = records.generations()
    return found[-1] if found else None


def newest(contract: Contract, partition: str, environment: Mapping[str, str]) -> Ended | None:
    """The partition's newest complete generation."""
    return _newest(_records(contract, partition, environment))


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
    """Of the partitions that are recorded; lists the source's part of each that is loaded."""
    said = meanings(contract, partitions(contract))
    migration = of_bucket(contract, environment)
    for key in keys:
        ended = newest(contract, key, environment)
        if ended is None:
            continue
        if ended.state != "loaded":
            yield Freshness(key, "stale", "contract", "It was rolled back.")
        elif ended.facts.get("meaning") != said[key]:
            yield Freshness(key, "stale", "contract", "The contract has changed since it was loaded.")
        elif migration.stale(key, str(ended.facts["inventory"])):
            reason = "The source lists other objects than were moved."
            yield Freshness(key, "stale", "fingerprint", reason)
        else:
            yield Freshness(key, "fresh", "fingerprint")
