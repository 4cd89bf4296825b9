"""Pre-flights in Dagster: an asset for each source and target, a check for each item that can stop a move."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import dagster as dg

from migration_assets.contracts.model import Contract
from migration_assets.control.names import WAVE_TAG, plain
from migration_assets.stores.trying import in_words

#: the items that can stop a move, as checks; each blocks
ITEMS = {
    "reachable": "Both sides can be reached.",
    "versions": "Both sides are of a version that is supported.",
    "rights": "The source's role may read; the target's role has every right that it needs.",
    "connections": "Both sides have connections left for all runs and lanes.",
    "encoding": "The target can hold every character.",
    "samples": "A sample of the largest tables went through all stages.",
    "room": "Staging and target have room for the estimated bytes, times 2.2.",
}
JOB = "preflight"


def items(contracts: Iterable[Contract]) -> dict[str, str]:
    """Those of a pair of servers: to a repository nothing is sent to try it, so that no sample is reached."""
    stores = {each.bucket.target.store if each.bucket else "" for each in contracts}
    return {name: said for name, said in ITEMS.items() if name != "samples" or stores != {"cloudsmith"}}


def preflight_key(source: str, target: str) -> dg.AssetKey:
    return dg.AssetKey(["preflight", source, target])


def preflight_assets(contracts: Mapping[str, Contract]) -> list[dg.AssetsDefinition]:
    pairs = dict.fromkeys((each.source.name, each.target.name) for each in contracts.values())
    return [_asset(source, target, contracts) for source, target in pairs]


def preflight_jobs(contracts: Mapping[str, Contract]) -> list[Any]:
    """One job for all of them; none where there are no contracts."""
    if not contracts:
        return []
    keys = {preflight_key(each.source.name, each.target.name) for each in contracts.values()}
    return [
        dg.define_asset_job(
            JOB,
            selection=dg.AssetSelection.assets(*sorted(keys)),
            description="Looks at both sides of every pair of source and target before anything moves.",
        )
    ]


def _asset(source: str, target: str, contracts: Mapping[str, Contract]) -> dg.AssetsDefinition:
    key = preflight_key(source, target)
    mine = [each for each in contracts.values() if (each.source.name, each.target.name) == (source, target)]
    tried = (
        "on the target of a bucket a small object" if mine[0].bucket else "in the target a temporary table"
    )

    @dg.multi_asset(
        name=plain(f"preflight__{source}__{target}"),
        specs=[
            dg.AssetSpec(
                key,
                group_name="preflight",
                description=f"What stands in the way of moving from {source} to {target}. "
                f"Both are only read; {tried} is made and taken back. "
                "`migrate check` does the same.",
            )
        ],
        check_specs=[
            dg.AssetCheckSpec(name, asset=key, blocking=True, description=said)
            for name, said in items(mine).items()
        ],
    )
    def look(context: dg.AssetExecutionContext) -> Iterator[Any]:
        yield from _looked(key, source, target, contracts, context)

    return look


def _looked(
    key: dg.AssetKey,
    source: str,
    target: str,
    contracts: Mapping[str, Contract],
    context: dg.AssetExecutionContext,
) -> Iterator[Any]:
    """Of a wave, where the run is for one, its contracts alone: it need not wait for others' rights."""
    from migration_assets.control import wave_changes
    from migration_assets.control.preflight import preflights
    from migration_assets.control.wave_files import wave_named, waves_there
    from migration_assets.waves.selection import contracts_of

    wave = context.run.tags.get(WAVE_TAG)
    changes: dict[str, Any] = {}
    try:
        chosen = wave and wave_named(waves_there(os.environ, contracts), wave)
        names = contracts_of(chosen, contracts) if chosen else contracts
        mine = {
            name: each
            for name, each in contracts.items()
            if (each.source.name, each.target.name) == (source, target) and name in names
        }
        (found,) = preflights(mine, contracts, os.environ)
        if chosen and wave_changes.asks(chosen) and all(each.state != "failed" for each in found.findings):
            found_changed = wave_changes.changed(context.instance, mine, os.environ)
            changes = wave_changes.metadata(chosen, found_changed)
    except Exception as error:
        raise dg.Failure(in_words(error), allow_retries=False) from None
    metadata: dict[str, Any] = {"findings": _table(found.findings), **changes}
    if found.estimates:
        metadata |= {
            "rows": found.estimates.rows,
            "bytes": found.estimates.bytes,
            "seconds": found.estimates.seconds,
            "estimates": _estimates(found.estimates.contracts),
        }
    yield dg.MaterializeResult(
        key, metadata=metadata, check_results=list(_results(key, items(mine.values()), found.findings))
    )


def _results(
    key: dg.AssetKey, names: Iterable[str], findings: Sequence[Any]
) -> Iterator[dg.AssetCheckResult]:
    """An item holds when none of its findings stands in the way; what was not reached does not hold."""
    for name in names:
        mine = [each for each in findings if item_of(each.name) == name]
        stopping = [each for each in mine if each.state == "failed"]
        yield dg.AssetCheckResult(
            asset_key=key,
            check_name=name,
            passed=bool(mine) and not stopping,
            metadata={"findings": _table(stopping or mine)},
            description=" ".join(f"{each.found} {each.advice}" for each in stopping)
            or ("" if mine else "It was not reached."),
        )


def item_of(finding: str) -> str | None:
    """The check that a finding of `migrate check` belongs to; None for what stops nothing."""
    if finding.startswith("right ") or finding in ("ledger", "writable"):
        return "rights"
    return {
        "reachable": "reachable",
        "version": "versions",
        "connections": "connections",
        "encoding": "encoding",
        "sample": "samples",
        "bandwidth": "samples",
        "space": "room",
    }.get(finding)


def _table(findings: Sequence[Any]) -> dg.TableMetadataValue:
    names = ("side", "name", "state", "found", "advice")
    return dg.MetadataValue.table(
        [dg.TableRecord({name: getattr(each, name) for name in names}) for each in findings],
        dg.TableSchema([dg.TableColumn(name, "string") for name in names]),
    )


def _estimates(estimates: Sequence[Any]) -> dg.TableMetadataValue:
    columns = {"contract": "string", "rows": "int", "bytes": "int", "seconds": "float", "how": "string"}
    return dg.MetadataValue.table(
        [dg.TableRecord({name: getattr(each, name) for name in columns}) for each in estimates],
        dg.TableSchema([dg.TableColumn(name, kind) for name, kind in columns.items()]),
    )
