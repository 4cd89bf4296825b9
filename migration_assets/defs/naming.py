"""How a contract's assets are grouped, tagged, owned and described."""

from collections.abc import Mapping

import dagster as dg

from migration_assets.contracts.model import Contract
from migration_assets.control.names import Stage, plain, source_path, stage_path, tag

#: From harmless to harmful; a classification that is not listed counts as the most harmful.
CLASSIFICATIONS = ("public", "internal", "confidential", "restricted")


def stage_key(contract: Contract, stage: Stage) -> dg.AssetKey:
    return dg.AssetKey(stage_path(contract, stage))


def source_key(contract: Contract) -> dg.AssetKey:
    return dg.AssetKey(source_path(contract))


def group(contract: Contract) -> str:
    return plain(contract.domain)


def owners(contract: Contract) -> list[str]:
    """Mail addresses as they are, everybody else as a team."""
    return [
        owner if "@" in owner or owner.startswith("team:") else f"team:{owner}" for owner in contract.owners
    ]


def tags(contract: Contract) -> dict[str, str]:
    said = {
        "migration/kind": contract.kind,
        "migration/source": contract.source.name,
        "migration/target": contract.target.name,
        "migration/priority": str(contract.priority),
        "migration/classification": classification(contract),
    }
    return {**{key: tag(value) for key, value in said.items()}, **{tag(each): "" for each in contract.tags}}


def classification(contract: Contract) -> str:
    """The most harmful classification of its columns; of a bucket, that of its keys."""
    if contract.bucket is not None:
        return contract.bucket.classification.lower()
    said = {(column.classification or "public").lower() for column in contract.columns}
    rank: Mapping[str, int] = {name: place for place, name in enumerate(CLASSIFICATIONS)}
    return max(sorted(said), key=lambda name: rank.get(name, len(rank)), default="public")


def kinds(contract: Contract, stage: Stage) -> set[str]:
    """The technologies, and the contract's name: a graph shows of a key no more than its last word."""
    bucket = contract.bucket
    by_stage = {
        "extracted": {tag(bucket.source.store if bucket else contract.source.type)},
        "transformed": {"duckdb", "pandera"},
        "loaded": {tag(bucket.target.store if bucket else contract.target.type)},
    }
    return {*by_stage[stage], tag(contract.name)}


def source_kinds(contract: Contract) -> set[str]:
    if contract.bucket is not None:
        return {contract.bucket.source.store, "bucket"}
    return {tag(contract.source.type), "table"}


def description(contract: Contract, stage: Stage) -> str:
    """What lies there, for a reader who has never heard of this project."""
    source = f"`{contract.source_table}` in {contract.source.name}"
    target = f"`{contract.target_table}` in {contract.target.name}"
    if contract.bucket is not None:
        return "\n\n".join(part for part in (_objects(contract, stage), contract.description) if part)
    what = {
        "extracted": f"The rows of {source} as they are there, read in one snapshot and staged as files.",
        "transformed": f"The staged rows of {source}, mapped to the columns of {target} and validated.",
        "loaded": f"The rows in {target}, compared with what was read before they became visible.",
    }
    return "\n\n".join(part for part in (what[stage], contract.description) if part)


def _objects(contract: Contract, stage: Stage) -> str:
    source = f"`{contract.source_table}` in {contract.source.name}"
    target = f"`{contract.target_table}` in {contract.target.name}"
    return {
        "extracted": f"The inventory of {source}: keys, sizes, hashes, times, as it lists them.",
        "transformed": f"What becomes of each object of {source}: copied, skipped or refused, and why.",
        "loaded": f"The objects in {target}, each proven by its hash when it arrived and recorded.",
    }[stage]
