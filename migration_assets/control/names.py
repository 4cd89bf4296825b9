"""What contracts are called in Dagster: asset keys as paths, jobs, ops."""

import re
from functools import lru_cache
from hashlib import sha256

from migration_assets.contracts.model import Contract
from migration_assets.stages.report import STAGES, Stage

__all__ = ["STAGES", "Stage", "job_name", "op_name", "plain", "source_path", "stage_path"]


#: The run tag that names the `migrate run` which asked for a run.
RUN_TAG = "migration/run"
#: The tag that says what a run does; only a rollback has it, as RESTORE.
OPERATION_TAG = "migration/operation"
RESTORE = "restore"
#: The tags of a rollback: its name in the ledger, and the generation that it puts back.
RESTORE_TAG = "migration/restore"
GENERATION_TAG = "migration/generation"
#: The backfill tag that says which process waits for it, as `host:number`.
PROCESS_TAG = "migration/process"
#: The tag of runs and backfills that names their wave.
WAVE_TAG = "migration/wave"
#: The tag that says which attempt at a wave a pre-flight, a backfill or an event belongs to.
ATTEMPT_TAG = "migration/attempt"
#: The tag of what was said of a wave for just what it moves (`Wave.work`).
WORK_TAG = "migration/work"
#: The backfill tag with the place in the event log that what it does comes after.
SINCE_TAG = "migration/since"
#: The tag of a wave's runs with its limits (`control/run_queue.py`).
LIMITS_TAG = "migration/limits"
#: The tag that keeps a run in the queue while its wave's window is shut (`shut`) or lets it go (`open`).
WINDOW_TAG = "migration/window"
#: Assets with a partition a wave: how far it is, and what people said of it.
WAVES, APPROVALS, RELEASES = "waves", "wave_approvals", "wave_releases"
#: The check of all waves together.
NONE_HELD = "none_held"


def stage_path(contract: Contract, stage: Stage) -> tuple[str, ...]:
    """`tables/orders/loaded` as its parts."""
    return (contract.kind, plain(contract.name, "-"), stage)


def source_path(contract: Contract) -> tuple[str, ...]:
    """`legacy/crm/customers`: the source's table (or bucket), whoever fills it."""
    table = contract.source_table
    if contract.bucket is not None:
        parts = (contract.source.name, *table.name.rpartition("://")[2].split("/"))
        return tuple(plain(part, "-.") for part in parts if part)
    parts = (contract.source.name, table.schema, table.name)
    return tuple(plain(part, "-") for part in parts if part)


def job_name(contract: Contract) -> str:
    """`tables_orders`"""
    return plain(f"{contract.kind}_{contract.name}")


def op_name(contract: Contract) -> str:
    """`move_tables_orders`; a job and an op may not have one name."""
    return f"move_{job_name(contract)}"


def server_tag(side: str, name: str) -> str:
    """The tag of all runs that read, or fill, a server: `migration.source/legacy`."""
    return f"migration.{side}/{tag(name)}"


@lru_cache(4096)
def tag(text: str) -> str:
    """The text with what Dagster allows in a tag."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "_", text)[:63]


@lru_cache(65536)
def plain(text: str, also: str = "") -> str:
    """The text in letters, digits and underscores (or what is `also` fine); different ones stay so."""
    simple = re.sub(rf"[^A-Za-z0-9_{re.escape(also)}]+", "_", text)
    return simple if simple == text else f"{simple}_{sha256(text.encode()).hexdigest()[:6]}"
