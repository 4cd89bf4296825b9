"""A contract as its three assets and the external asset of its source's table."""

import os
from collections.abc import Iterable, Mapping

import dagster as dg

from migration_assets.contracts.model import Contract, Server, TableName
from migration_assets.control.names import STAGES, Stage, plain
from migration_assets.defs import naming
from migration_assets.defs.columns import column_lineage, column_schema
from migration_assets.defs.partitions import Partitioned


def stage_specs(partitioned: Partitioned, contracts: Mapping[str, Contract]) -> list[dg.AssetSpec]:
    contract = partitioned.contract
    schemas = {stage: column_schema(contract, stage) for stage in ("extracted", "loaded")}
    shown = {**schemas, "transformed": schemas["loaded"]}
    return [_stage_spec(partitioned, stage, contracts, shown[stage]) for stage in STAGES]


def source_specs(contracts: Iterable[Contract]) -> list[dg.AssetSpec]:
    """One external asset for each distinct table that is read."""
    by_key = {naming.source_key(contract): contract for contract in contracts}
    return [
        dg.AssetSpec(
            key,
            group_name=plain(contract.source.name),
            kinds=naming.source_kinds(contract),
            description=f"The {'bucket' if contract.bucket else 'table'} `{contract.source_table}` in "
            f"{contract.source.name}. It is only read; nothing here fills it.",
            metadata=_place(contract.source, contract.source_table),
        )
        for key, contract in by_key.items()
    ]


def parents(contract: Contract, contracts: Mapping[str, Contract]) -> list[Contract]:
    """The contracts that are loaded before this one; neither itself nor what is judged later."""
    names = dict.fromkeys(reference.parent for reference in contract.references if not reference.deferred)
    return [contracts[name] for name in names if name != contract.name and name in contracts]


def _stage_spec(
    partitioned: Partitioned, stage: Stage, contracts: Mapping[str, Contract], schema: dg.TableSchema
) -> dg.AssetSpec:
    contract = partitioned.contract
    description = naming.description(contract, stage)
    if partitioned.unplanned:
        description += f"\n\n**No partitions yet.** {partitioned.unplanned}"
    return dg.AssetSpec(
        naming.stage_key(contract, stage),
        deps=_deps(contract, stage, contracts),
        skippable=True,
        group_name=naming.group(contract),
        description=description,
        owners=naming.owners(contract),
        tags=naming.tags(contract),
        kinds=naming.kinds(contract, stage),
        code_version=contract.digest[:12],
        metadata=_metadata(contract, stage, schema),
    )


def _deps(contract: Contract, stage: Stage, contracts: Mapping[str, Contract]) -> list[dg.AssetDep]:
    if stage == "extracted":
        return [dg.AssetDep(naming.source_key(contract))]
    if stage == "transformed":
        return [dg.AssetDep(naming.stage_key(contract, "extracted"))]
    whole = dg.AllPartitionMapping()
    return [
        dg.AssetDep(naming.stage_key(contract, "transformed")),
        *(
            dg.AssetDep(naming.stage_key(parent, "loaded"), partition_mapping=whole)
            for parent in parents(contract, contracts)
        ),
    ]


def _metadata(contract: Contract, stage: Stage, schema: dg.TableSchema) -> dict[str, object]:
    place = {
        "extracted": _place(contract.source, contract.source_table),
        "transformed": {},
        "loaded": _place(contract.target, contract.target_table),
    }
    of_columns = stage == "loaded" and contract.columns
    lineage = {"dagster/column_lineage": column_lineage(contract)} if of_columns else {}
    return {
        "dagster/column_schema": schema,
        **lineage,
        "dagster/code_references": dg.CodeReferencesMetadataValue(
            code_references=[
                dg.LocalFileCodeReference(
                    file_path=os.path.abspath(contract.file), line_number=1, label=f"contract {contract.name}"
                )
            ]
        ),
        "contract": contract.name,
        "version": contract.version,
        **place[stage],
    }


def _place(server: Server, table: TableName) -> dict[str, object]:
    """Named by the connection, never by its address: that may hold a password."""
    if "://" in table.name:
        return {"dagster/uri": table.name}  # of a bucket; it has no credential
    path = "/".join(part for part in (table.schema, table.name) if part)
    return {
        "dagster/table_name": str(table),
        "dagster/uri": f"{server.type}://{server.name}/{path}",
    }
