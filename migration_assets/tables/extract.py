"""Extract: a partition's rows, as they are in the source, in one snapshot, into a staged file."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from migration_assets.contracts.model import Contract, TableName
from migration_assets.errors import MappingFault, ProofFailed
from migration_assets.planning.meaning import meaning
from migration_assets.planning.partitions import Partition
from migration_assets.staging.manifest import Manifest
from migration_assets.staging.partition import StagedSet
from migration_assets.tables.fingerprint import Tally
from migration_assets.tables.mapping import mapping
from migration_assets.tables.sources.base import MISFIT, Reading, Source, SourceColumn, SourceTable
from migration_assets.tables.throttle_flow import FREE, Flowing

EXTRACTED = "extracted"
MARK = MISFIT.encode()


def reading(contract: Contract, table: SourceTable, partition: Partition) -> Reading:
    """Which rows and columns to read; MappingFault where contract and source do not fit."""
    bounded = None
    if partition.source_column is not None:
        bounded = table.column(partition.source_column)
        if bounded is None:
            raise MappingFault(
                f"The partition column {partition.source_column} is not in the source's table {table.name}.",
                advice="Correct `partitions.column` in the contract, then run `migrate plan`.",
            )
    return Reading(
        table,
        mapping(contract, table).reading,
        contract.where,
        partition.bounds,
        bounded,
        contract.zero_dates == "as_null",
    )


def extract(
    contract: Contract,
    partition: Partition,
    source: Source,
    snapshot: Any,
    staged: StagedSet,
    run_id: str,
    flow: Flowing = FREE,
) -> Manifest:
    """Reads and stages the partition; ProofFailed when the source counts other rows than were read."""
    table = source.describe(snapshot, contract.source_table)
    asked = replace(reading(contract, table, partition), batch_rows=flow.batch_rows)
    tally, misfits = Tally(), 0
    with staged.rows(EXTRACTED) as rows:
        pieces = _Told(source.read(snapshot, asked))
        for lines in pieces:
            before = tally.rows
            tally.add(lines)
            rows.write(lines)
            flow.passed(tally.rows - before, len(lines))
            if b"\\" in lines:
                misfits += lines.count(MARK)
    counted = source.count(snapshot, asked) if pieces.rows is None else pieces.rows
    if tally.rows != counted:
        raise ProofFailed(
            f"The source counts {counted} rows in partition {partition.key} of {contract.name}, "
            f"but {tally.rows} were read in the same snapshot.",
            advice="Run the partition again; if it happens again, the source's indexes may be damaged.",
        )
    marked = watermark(contract, source, snapshot, asked)
    manifest = Manifest(
        contract=contract.name,
        contract_version=contract.version,
        digest=contract.digest,
        partition=partition.key,
        generation=staged.generation,
        run_id=run_id,
        stage=EXTRACTED,
        rows=tally.rows,
        fingerprint=str(tally.fingerprint()),
        files=(rows.staged(),),
        columns=tuple(column.name for column in asked.columns),
        written_at=datetime.now(UTC).isoformat(timespec="seconds"),
        facts={
            "snapshot": source.position(snapshot),
            "misfits": misfits,
            "source_table": _described(table),
            "meaning": meaning(contract, partition),
            "watermark": marked[1] if marked else None,
        },
    )
    staged.seal(manifest)
    return manifest


def watermark(contract: Contract, source: Source, snapshot: Any, asked: Reading) -> tuple[int, str] | None:
    """Number of rows; name of the contract's watermark column and its highest value among them.

    None where the contract names none; MappingFault when the source's table has no such column."""
    if contract.watermark is None:
        return None
    column = asked.table.column(contract.watermark)
    if column is None:
        raise MappingFault(
            f"The watermark column {contract.watermark} is not in the source's table {asked.table.name}.",
            advice="Correct `watermark` in the contract, or take it out.",
        )
    rows, highest = source.extent(snapshot, asked, column)
    return rows, f"{column.name} {highest}" if highest is not None else column.name


class _Told:
    """A source's pieces, and at their end how many rows the database says it sent, if it says so."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self.rows: int | None = None

    def __iter__(self) -> Iterator[bytes]:
        while True:
            try:
                piece = next(self._pieces)
            except StopIteration as end:
                self.rows = end.value
                return
            yield piece


def _described(table: SourceTable) -> dict[str, Any]:
    """The source's table as it was, for the manifest."""
    return {
        "schema": table.name.schema,
        "name": table.name.name,
        "columns": [[c.name, c.declared, c.carries, c.nullable] for c in table.columns],
        "primary_key": list(table.primary_key),
        "unique": [list(columns) for columns in table.unique],
    }


def table_of(manifest: Manifest) -> SourceTable:
    """The source's table as the manifest of `extracted` has it."""
    said = manifest.facts["source_table"]
    return SourceTable(
        TableName(said["schema"], said["name"]),
        tuple(SourceColumn(*column) for column in said["columns"]),
        tuple(said["primary_key"]),
        tuple(tuple(columns) for columns in said["unique"]),
    )
