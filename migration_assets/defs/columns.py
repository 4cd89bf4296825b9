"""The columns of a contract as Dagster shows them: schemas, and where each column comes from."""

import dagster as dg

from migration_assets.contracts.model import Column, Contract
from migration_assets.control.names import Stage
from migration_assets.defs.naming import source_key, tag

AS_IN_THE_SOURCE = "as in the source"
_OBJECTS = dg.TableSchema(
    [
        dg.TableColumn("key", "text"),
        dg.TableColumn("size", "bytes"),
        dg.TableColumn("etag", "text"),
        dg.TableColumn("modified", "timestamp"),
        dg.TableColumn("storage_class", "text"),
    ]
)


def column_schema(contract: Contract, stage: Stage) -> dg.TableSchema:
    """Staged source columns carry the source's types, which no contract says."""
    if contract.bucket is not None:
        return _OBJECTS
    if stage == "extracted":
        return dg.TableSchema([dg.TableColumn(name, AS_IN_THE_SOURCE) for name in source_columns(contract)])
    return dg.TableSchema(
        [_column(column, column.name in contract.primary_key) for column in contract.columns],
        dg.TableConstraints([*_together(contract), *contract.checks.values()]),
    )


def column_lineage(contract: Contract) -> dg.TableColumnLineage:
    """From each column of the target to the columns of the source's table that it is made from."""
    source = source_key(contract)
    return dg.TableColumnLineage(
        {
            column.name: [dg.TableColumnDep(source, name) for name in column.sources]
            for column in contract.columns
        }
    )


def source_columns(contract: Contract) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for column in contract.columns for name in column.sources))


def _column(column: Column, in_primary_key: bool) -> dg.TableColumn:
    other = [
        *(["primary key"] if in_primary_key else []),
        *([f"one of {', '.join(column.enum)}"] if column.enum else []),
        *([column.check] if column.check else []),
    ]
    tags = {"migration/classification": tag(column.classification)} if column.classification else {}
    return dg.TableColumn(
        column.name,
        column.type,
        column.description or None,
        dg.TableColumnConstraints(
            nullable=not (column.required or in_primary_key), unique=column.unique, other=other
        ),
        {**tags, **{tag(each): "" for each in column.tags}},
    )


def _together(contract: Contract) -> list[str]:
    return [
        *([f"primary key ({', '.join(contract.primary_key)})"] if contract.primary_key else []),
        *(f"unique ({', '.join(columns)})" for columns in contract.unique),
        *(
            f"({', '.join(reference.columns)}) refers to {reference.parent}"
            f" ({', '.join(reference.parent_columns)})"
            for reference in contract.references
        ),
    ]
