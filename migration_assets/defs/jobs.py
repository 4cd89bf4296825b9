"""Jobs, so that `dagster job backfill` and the UI reach every contract."""

from collections import defaultdict
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import dagster as dg
from dagster._core.storage.tags import PRIORITY_TAG

from migration_assets.contracts.model import Contract
from migration_assets.control.growing import grows
from migration_assets.control.names import STAGES, job_name, plain, server_tag, tag
from migration_assets.defs.naming import stage_key
from migration_assets.defs.partitions import Partitioned

#: Each job costs time whenever definitions load, the more the more contracts there are: 3 s of CPU with
#: 300 jobs. Beyond so many contracts they share jobs.
CONTRACTS_WITH_A_JOB_EACH = 200


def jobs(contracts: Sequence[Partitioned]) -> list[Any]:
    """One job a contract, or one for all contracts of a kind whose partitions are the same."""
    if len(contracts) <= CONTRACTS_WITH_A_JOB_EACH:
        return [_job(job_name(each.contract), [each]) for each in contracts]
    growing = [each for each in contracts if grows(each.contract)]
    alike: dict[tuple[str, tuple[str, ...]], list[Partitioned]] = defaultdict(list)
    for each in contracts:
        if not grows(each.contract):
            alike[each.contract.kind, each.keys].append(each)
    return [
        *(_job(_shared_name(*alike_in), together) for alike_in, together in alike.items()),
        *(_job(job_name(each.contract), [each]) for each in growing),
    ]


def _job(name: str, contracts: Sequence[Partitioned]) -> Any:
    named = ", ".join(each.contract.name for each in contracts[:5])
    more = f" and {len(contracts) - 5} more" if len(contracts) > 5 else ""
    return dg.define_asset_job(
        name,
        selection=dg.AssetSelection.assets(
            *(stage_key(each.contract, stage) for each in contracts for stage in STAGES)
        ),
        description=f"Moves partitions of {named}{more}: one run for each partition."
        " `migrate run` takes many partitions in a run, in the order of their references.",
        tags={"migration/job": name, **_queued([each.contract for each in contracts])},
    )


def _queued(contracts: Sequence[Contract]) -> dict[str, str]:
    """What the queue tells of runs of assets, and cannot tell of runs of a job."""
    sides = [
        (side, tag(server.name))
        for each in contracts
        for side, server in (("source", each.source), ("target", each.target))
    ]
    told = {server_tag(*each): each[1] for each in sides}
    return {**told, PRIORITY_TAG: str(max(each.priority for each in contracts))}


def _shared_name(kind: str, keys: tuple[str, ...]) -> str:
    if len(keys) == 1:
        return f"{kind}_{plain(keys[0])}"
    return f"{kind}_{len(keys)}_partitions_{sha256(chr(10).join(keys).encode()).hexdigest()[:8]}"
