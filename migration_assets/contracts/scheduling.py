"""What `migration.schedule` says: when windows of time that have ended are moved by themselves."""

from zoneinfo import ZoneInfo

from migration_assets.contracts import cron, nodes
from migration_assets.contracts.findings import Note, cut
from migration_assets.contracts.model import ByTime, Contract, Schedule
from migration_assets.contracts.nodes import Node
from migration_assets.contracts.yaml_text import Path

KEY = "schedule"


def schedule(own: Node, path: Path, note: Note) -> Schedule | None:
    """The schedule asked for; None where nothing (or nothing that can be kept) is said."""
    said = own.get(KEY)
    expression = said if isinstance(said, str) else nodes.text(said, "cron")
    if not expression:
        return None
    place = (*path, KEY) if isinstance(said, str) else (*path, KEY, "cron")
    expression = expression.strip()
    if fault := cron.fault_of(expression):
        note(place, f"`{cut(expression)}` is no cron expression: {fault}", 'Write it as "0 3 * * *".')
    zone = nodes.text(said, "timezone") or "UTC"
    if not _is_zone(zone):
        note((*path, KEY, "timezone"), f"`{cut(zone)}` is no time zone", "Write it as Europe/Berlin.")
    lookback = nodes.node(said).get("lookback")
    asked = Schedule(expression, zone)
    return Schedule(expression, zone, lookback) if isinstance(lookback, int) else asked


def judge(contract: Contract, path: Path, note: Note) -> None:
    """Notes a schedule of what has no windows of time."""
    if contract.schedule is not None and not isinstance(contract.partitioning, ByTime):
        note(
            (*path, KEY),
            "a schedule moves windows of time when they have ended, and its partitions are none",
            "Partition by hour, day, week, month or year, or take the schedule out.",
        )


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True
