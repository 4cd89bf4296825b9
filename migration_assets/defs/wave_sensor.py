"""The sensor `waves`: a look at the wave files and at where they stand, and what is next with each."""

import json
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from migration_assets.contracts.model import Contract
from migration_assets.control.names import WAVES
from migration_assets.defs.partitions import Partitioned
from migration_assets.defs.preflight import JOB, preflight_key
from migration_assets.defs.waves import scene
from migration_assets.stores.trying import in_words

#: seconds between two looks
BETWEEN = 15
QUEUE = "MIGRATION_WAVE_QUEUE"


def wave_sensors(
    contracts: Mapping[str, Contract], partitioned: Mapping[str, Partitioned], jobs: Sequence[Any]
) -> list[dg.SensorDefinition]:
    """One; none where there are no contracts, and so no pre-flight. `jobs` has that of the pre-flights."""
    if not jobs:
        return []

    @dg.sensor(
        name=WAVES,
        jobs=jobs,
        minimum_interval_seconds=BETWEEN,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Takes up new and changed wave files, makes their pre-flights, and has each wave moved "
        "when those before it are green, it is approved and its window is open.",
    )
    def waves(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        return _tick(context, contracts, partitioned)

    return [waves]


def _tick(
    context: dg.SensorEvaluationContext,
    contracts: Mapping[str, Contract],
    partitioned: Mapping[str, Partitioned],
) -> dg.SensorResult:
    """Nothing hangs on the cursor: it only says which wave files are new."""
    from migration_assets.control.wave_files import waves_there
    from migration_assets.control.wave_round import make_round

    _take_messages(context, contracts)
    seen_by = scene(context.instance, contracts, partitioned)
    there = waves_there(os.environ, contracts, seen_by.keys)
    for fault in there.faults:
        context.log.error(str(fault))
    known = json.loads(context.cursor or "{}")
    for wave in there.waves.values():
        if known.get(wave.name) != wave.digest:
            context.log.info(f"{'Changed' if wave.name in known else 'New'} wave {wave.name}: {wave.origin}")
    done = make_round(seen_by, there.waves, datetime.now(UTC))
    requests = [_preflight(attempt, contracts) for attempt in done.preflights]
    lines = [f"{each.wave.name}: {each.state}. {each.why}" for each in done.reports]
    lines += [f"{len(there.faults)} faults: {'; '.join(map(str, there.faults))}"] if there.faults else []
    return dg.SensorResult(
        run_requests=requests,
        skip_reason=None if requests else "\n".join(lines) or "There are no wave files.",
        cursor=json.dumps({wave.name: wave.digest for wave in there.waves.values()}),
    )


def _preflight(attempt: Any, contracts: Mapping[str, Contract]) -> dg.RunRequest:
    """Dagster starts one run for each key of the sensor's, however often it is asked for."""
    from migration_assets.control.wave_attempts import preflight_tags
    from migration_assets.waves.selection import contracts_of

    chosen = [contracts[name] for name in contracts_of(attempt.wave, contracts)]
    keys = {preflight_key(each.source.name, each.target.name) for each in chosen}
    return dg.RunRequest(
        run_key=attempt.id,
        job_name=JOB,
        asset_selection=sorted(keys),
        tags=preflight_tags(attempt),
    )


def _take_messages(context: dg.SensorEvaluationContext, contracts: Mapping[str, Contract]) -> None:
    """Waves that came as messages become wave files; a queue that cannot be read keeps no file waiting."""
    if not os.environ.get(QUEUE):
        return
    from migration_assets.control import project
    from migration_assets.waves.messages import delivered
    from migration_assets.waves.places import place_of

    try:
        place = place_of(os.environ, project.root())
        context.log.info(f"Messages: {delivered(os.environ, place, contracts)}")
    except Exception as error:
        context.log.error(in_words(error))
