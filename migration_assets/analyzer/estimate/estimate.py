"""Estimates of contracts: the source's own figures times what samples took."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress

from migration_assets.analyzer.catalog import Selection, read
from migration_assets.analyzer.catalog.model import Catalog
from migration_assets.analyzer.estimate.model import Estimates, Failed, Probe, Size, estimated, worth_a_sample
from migration_assets.analyzer.estimate.probe import Limits, probe
from migration_assets.contracts.model import Contract, Server, TableName
from migration_assets.errors import MigrationError, PlanRefused
from migration_assets.planning.keys import partitions
from migration_assets.planning.partitions import WHOLE, AllRows, Partition
from migration_assets.staging.partition import Staging
from migration_assets.stores.connections import url_of
from migration_assets.tables.extract import reading
from migration_assets.tables.sources import source_of

#: samples that are taken at most
SAMPLES = 5
#: bytes up to which a table is counted, where its source's catalog does not know how many rows it has
COUNTED = 256 << 20
WARM = Limits(1, 0.1)


def estimate(
    contracts: Sequence[Contract],
    environment: Mapping[str, str],
    staging: Staging,
    *,
    samples: int = SAMPLES,
    limits: Limits | None = None,
) -> Estimates:
    """Asks the sources' catalogs and takes samples of the largest tables; what a bucket is, its plan says.

    ConnectionRefused, UnknownSource or Passing where a source cannot be reached.
    """
    contracts = [contract for contract in contracts if contract.bucket is None]
    sizes = sizes_of(contracts, environment)
    probes: dict[str, Probe] = {}
    failed: list[Failed] = []
    by_name = {contract.name: contract for contract in contracts}
    chosen = worth_a_sample(sizes, samples)
    for name in chosen[:1]:
        # what is done once a process, such as starting DuckDB, belongs to no table
        with suppress(MigrationError):
            probe(by_name[name], environment, staging, WARM)
    for name in chosen:
        try:
            probes[name] = probe(by_name[name], environment, staging, limits)
        except MigrationError as error:
            failed.append(Failed(name, str(error)))
    return Estimates(
        tuple(estimated(each.name, sizes[each.name], _partitions(each), probes) for each in contracts),
        tuple(probes.values()),
        tuple(failed),
    )


def sizes_of(contracts: Sequence[Contract], environment: Mapping[str, str]) -> dict[str, Size]:
    """What the sources' catalogs tell, each asked once; a condition of a contract is not counted in."""
    sizes: dict[str, Size] = {}
    for source in dict.fromkeys(contract.source for contract in contracts):
        mine = [contract for contract in contracts if contract.source == source]
        catalog = _catalog(source, mine, environment)
        known = {_folded(table.table, catalog): table for table in catalog.tables}
        for contract in mine:
            table = known.get(_folded(contract.source_table, catalog))
            rows, size = (table.rows, table.bytes) if table else (None, None)
            sizes[contract.name] = Size(rows, size, "unknown" if rows is None else "catalog")
        unknown = [each for each in mine if _may_be_counted(sizes[each.name])]
        sizes |= _counted(source, unknown, sizes, environment)
    return sizes


def _may_be_counted(size: Size) -> bool:
    return size.rows is None and (size.bytes is None or size.bytes <= COUNTED)


def _counted(
    source: Server, contracts: Sequence[Contract], sizes: Mapping[str, Size], environment: Mapping[str, str]
) -> dict[str, Size]:
    """Tables of which the catalog knows no number of rows, counted in one snapshot."""
    if not contracts:
        return {}
    url = url_of(source, environment)
    reader = source_of(url)[1]
    counted: dict[str, Size] = {}
    with reader.snapshot(source, url) as snapshot:
        for contract in contracts:
            with suppress(MigrationError):
                table = reader.describe(snapshot, contract.source_table)
                rows = reader.count(snapshot, reading(contract, table, Partition(WHOLE, AllRows())))
                counted[contract.name] = Size(rows, sizes[contract.name].bytes, "counted")
    return counted


def _catalog(source: Server, contracts: Iterable[Contract], environment: Mapping[str, str]) -> Catalog:
    tables = [contract.source_table for contract in contracts]
    schemas = {table.schema for table in tables}
    wanted = tuple(sorted(schema for schema in schemas if schema)) if None not in schemas else ()
    return read(source, url_of(source, environment), Selection(wanted))


def _folded(table: TableName, catalog: Catalog) -> tuple[str, str]:
    """One spelling for a table, whether or not its schema is said."""
    schema = table.schema or catalog.default_schema or ("public" if catalog.backend == "postgres" else "main")
    return schema.casefold(), table.name.casefold()


def _partitions(contract: Contract) -> int | None:
    with suppress(PlanRefused):
        return len(partitions(contract))
    return None
