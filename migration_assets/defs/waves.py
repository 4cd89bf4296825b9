"""Waves as assets: one shows how far each is, in two others people say that one may start or go on."""

import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from migration_assets.contracts.model import Contract
from migration_assets.control.names import APPROVALS, NONE_HELD, RELEASES, WAVES
from migration_assets.defs.partitions import Partitioned
from migration_assets.stores.trying import in_words

#: Waves come while Dagster runs, and definitions load without looking for them: so they are dynamic.
#: There are few of them, and no automation condition looks at them.
PARTITIONS = dg.DynamicPartitionsDefinition(name=WAVES)
GROUP = "waves"


class By(dg.Config):
    """Who says it."""

    by: str = "somebody in the Dagster UI"


def wave_assets(
    contracts: Mapping[str, Contract], partitioned: Mapping[str, Partitioned]
) -> list[dg.AssetsDefinition]:
    """None where there are no contracts."""
    if not contracts:
        return []
    return [
        _waves(contracts, partitioned),
        _approvals(contracts),
        _releases(contracts, partitioned),
    ]


def scene(
    instance: dg.DagsterInstance, contracts: Mapping[str, Contract], partitioned: Mapping[str, Partitioned]
) -> Any:
    """Waves are seen by the partitions that Dagster has of the contracts."""
    from migration_assets.control.growing import grows
    from migration_assets.control.wave_attempts import Scene
    from migration_assets.planning.keys import partitions

    keys = {
        name: tuple(partition.key for partition in partitions(each.contract))
        if grows(each.contract) and not each.unplanned
        else each.keys
        for name, each in partitioned.items()
    }
    unplanned = {
        name: f"{each.unplanned} Then reload the definitions."
        for name, each in partitioned.items()
        if each.unplanned
    }
    return Scene(instance, contracts, keys, unplanned)


def _waves(contracts: Mapping[str, Contract], partitioned: Mapping[str, Partitioned]) -> dg.AssetsDefinition:
    @dg.asset(
        name=WAVES,
        partitions_def=PARTITIONS,
        group_name=GROUP,
        description="How far each wave is: a materialization says that it is green, an observation where it "
        "stands and what comes next. The sensor `waves` writes them; to materialize a wave here looks at it.",
        check_specs=[dg.AssetCheckSpec(NONE_HELD, asset=WAVES, description="No wave is held.")],
    )
    def waves(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[Any]]:
        yield _looked(context, contracts, partitioned)

    return waves


def _looked(
    context: dg.AssetExecutionContext,
    contracts: Mapping[str, Contract],
    partitioned: Mapping[str, Partitioned],
) -> dg.MaterializeResult[Any]:
    from migration_assets.control.wave_files import wave_named, waves_there
    from migration_assets.control.wave_report import check, event, metadata
    from migration_assets.control.wave_round import reports

    seen_by = scene(context.instance, contracts, partitioned)
    try:
        there = waves_there(os.environ, contracts, seen_by.keys)
        wave_named(there, context.partition_key)
        every = reports(seen_by, there.waves, datetime.now(UTC))
        report = every[context.partition_key]
    except Exception as error:
        raise dg.Failure(in_words(error), allow_retries=False) from None
    said = event(report)
    if isinstance(said, dg.AssetObservation):
        context.log_event(said)
        raise dg.Failure(f"It is not green. {report.why} {report.next_step}", allow_retries=False)
    found = check(list(every.values()))
    result = dg.AssetCheckResult(
        check_name=NONE_HELD, passed=found.passed, description=found.description, metadata=found.metadata
    )
    return dg.MaterializeResult(metadata=metadata(report), tags=said.tags, check_results=[result])


def _approvals(contracts: Mapping[str, Contract]) -> dg.AssetsDefinition:
    @dg.asset(
        name=APPROVALS,
        partitions_def=PARTITIONS,
        group_name=GROUP,
        description="Approvals of waves: to materialize a wave here approves it. `migrate wave approve` "
        "does the same. An approval holds for what the wave moves now.",
    )
    def wave_approvals(context: dg.AssetExecutionContext, config: By) -> dg.MaterializeResult[Any]:
        from migration_assets.control.wave_allowing import refuse_approval
        from migration_assets.control.wave_files import wave_named, waves_there

        try:
            wave = wave_named(waves_there(os.environ, contracts), context.partition_key)
            refuse_approval(wave)
            return _said(context, "approved", wave, contracts, config.by)
        except Exception as error:
            raise dg.Failure(in_words(error), allow_retries=False) from None

    return wave_approvals


def _releases(
    contracts: Mapping[str, Contract], partitioned: Mapping[str, Partitioned]
) -> dg.AssetsDefinition:
    @dg.asset(
        name=RELEASES,
        partitions_def=PARTITIONS,
        group_name=GROUP,
        description="Releases of held waves: to materialize a wave here lets it go on with what is not there "
        "yet, once its cause is corrected. `migrate wave release` does the same.",
    )
    def wave_releases(context: dg.AssetExecutionContext, config: By) -> dg.MaterializeResult[Any]:
        from migration_assets.control.wave_allowing import refuse_release
        from migration_assets.control.wave_files import wave_named, waves_there

        seen_by = scene(context.instance, contracts, partitioned)
        try:
            there = waves_there(os.environ, contracts, seen_by.keys)
            wave = wave_named(there, context.partition_key)
            refuse_release(seen_by, there.waves, wave.name, datetime.now(UTC))
            return _said(context, "released", wave, contracts, config.by)
        except Exception as error:
            raise dg.Failure(in_words(error), allow_retries=False) from None

    return wave_releases


def _said(
    context: dg.AssetExecutionContext, word: Any, wave: Any, contracts: Mapping[str, Contract], by: str
) -> dg.MaterializeResult[Any]:
    from migration_assets.control.wave_consent import event, keep
    from migration_assets.waves.selection import contracts_of

    by = context.run.tags.get("migration/by", by)
    of_wave = [contracts[name] for name in contracts_of(wave, contracts)]
    kept = keep(context.instance, word, wave, of_wave, os.environ, by, datetime.now(UTC))
    tags, metadata = event(kept)
    return dg.MaterializeResult(metadata=metadata, tags=tags)
