"""A contract's first rows, taken through its own stages; what they leave behind is rolled back or removed."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

import psycopg2
from psycopg2 import extensions, sql

from migration_assets.analyzer.estimate.model import Probe
from migration_assets.analyzer.estimate.sampled import Sampled
from migration_assets.contracts.model import Contract, TableName
from migration_assets.errors import LoadRefused
from migration_assets.planning.partitions import WHOLE, AllRows, Partition
from migration_assets.staging.manifest import Manifest
from migration_assets.staging.partition import StagedPartition, Staging
from migration_assets.stores.connections import url_of
from migration_assets.stores.postgres import classify, connect
from migration_assets.tables import read_back
from migration_assets.tables.extract import extract
from migration_assets.tables.replace import exchange
from migration_assets.tables.sources import source_of
from migration_assets.tables.targets.creation import statements
from migration_assets.tables.transform import transform

#: where a sample ends
MOST_BYTES, MOST_SECONDS = 8 << 20, 2.0
#: milliseconds that a statement of the probe may take in the target
PATIENCE = 60_000

_TEMPORARY = TableName("pg_temp", "migration_probe")


@dataclass(frozen=True)
class Limits:
    bytes: int = MOST_BYTES
    seconds: float = MOST_SECONDS


def probe(
    contract: Contract, environment: Mapping[str, str], staging: Staging, limits: Limits | None = None
) -> Probe:
    """Reads, stages, maps and judges a sample, and loads it into a temporary table that is rolled back.

    The source is read by its own reader in its own snapshot. MigrationError for whatever would refuse a
    migration, too: contract and source do not fit, a type is not there, the role may not read.
    """
    limits = limits or Limits()
    partition = Partition(WHOLE, AllRows())
    url = url_of(contract.source, environment)
    with staging.root.aside() as aside:
        folder = Staging(aside).partition(contract.name, partition.key)
        sampled = Sampled(source_of(url)[1], limits.bytes, limits.seconds)
        # bad rows of a sample are no reason not to measure
        lenient = replace(contract, bad_rows="quarantine")
        with sampled.snapshot(contract.source, url) as snapshot:
            started = time.monotonic()
            extracted = extract(lenient, partition, sampled, snapshot, folder.begin(1, "probe"), "probe")
            read = time.monotonic()
        done = transform(lenient, extracted, folder, folder.begin(2, "probe"), "probe")
        transformed = time.monotonic()
        if done.manifest is None:
            raise done.refusal or LoadRefused(f"No row of the sample of {contract.name} can be loaded.")
        load_seconds = _loaded(contract, environment, done.manifest, folder)
        return Probe(
            contract.name,
            extracted.rows,
            sum(file.size for file in extracted.files),
            sampled.whole,
            read - started,
            transformed - read,
            load_seconds,
        )


def _loaded(
    contract: Contract, environment: Mapping[str, str], manifest: Manifest, folder: StagedPartition
) -> float:
    """Seconds to put the rows into a temporary table of the contract's shape, and to read them back."""
    connection = connect(contract.target, url_of(contract.target, environment))
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(PATIENCE)])
            place = _temporary(contract)
            _make(cursor, place)
            started = time.monotonic()
            where = exchange(cursor, place, sql.SQL("true"), folder.read(manifest))
            read_back.found(cursor, place, where)
            return time.monotonic() - started
    except psycopg2.Error as error:
        raise classify(error) from None
    finally:
        _rolled_back(connection)


def _temporary(contract: Contract) -> Contract:
    """The contract's table with its keys and conditions, and without what others would notice."""
    bare = tuple(replace(column, default=None, identity=None, description="") for column in contract.columns)
    return replace(contract, target_table=_TEMPORARY, columns=bare, description="")


def _make(cursor: extensions.cursor, contract: Contract) -> None:
    for statement in statements(contract, frozenset(), {}):
        cursor.execute(statement)


def _rolled_back(connection: extensions.connection) -> None:
    try:
        connection.rollback()
    except psycopg2.Error:
        pass
    finally:
        connection.close()
