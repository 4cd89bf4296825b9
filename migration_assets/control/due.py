"""What a tick of a schedule is about: windows that have ended and are not there, or not as their source."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from hashlib import sha256
from zoneinfo import ZoneInfo

import dagster as dg

from migration_assets.contracts.model import Contract, Schedule
from migration_assets.control import bucket_truth, dagster_daemon, records
from migration_assets.control.choice import State
from migration_assets.control.growing import definition_of, make_known
from migration_assets.control.noted import note
from migration_assets.control.plan import Step
from migration_assets.control.run import wanted
from migration_assets.control.standing import standings
from migration_assets.ledger.postgres import Entry
from migration_assets.planning.keys import partitions, windows_of
from migration_assets.planning.partitions import Outside, Partition, Range
from migration_assets.tables.freshness import Freshness, looked

#: tags of a backfill that a tick has asked for
SCHEDULE_TAG, TICK_TAG = "migration/schedule", "migration/tick"


@dataclass(frozen=True)
class Due:
    """What one tick has asked for."""

    missing: tuple[str, ...]
    #: by partition, why
    stale: Mapping[str, str]
    #: None where nothing is due
    backfill: str | None = None


def has_ended(bounds: Range, moment: datetime, timezone: str) -> bool:
    """Whether the window is over, in UTC and by the clock of the schedule's time zone.

    A source that keeps local time fills its window by that clock; of the two, the later one counts."""
    upper = bounds.upper
    if isinstance(upper, date) and not isinstance(upper, datetime):
        upper = datetime.combine(upper, time())
    if not isinstance(upper, datetime):
        return False
    clocks = (moment.astimezone(UTC), moment.astimezone(ZoneInfo(timezone)))
    return all(upper <= clock.replace(tzinfo=None) for clock in clocks)


def candidates(
    planned: Sequence[Partition], schedule: Schedule, moment: datetime
) -> tuple[tuple[Partition, ...], frozenset[str]]:
    """The windows that have ended, and `rest`; the newest of them, and `rest`, whose source is asked, too."""
    windows = [
        each
        for each in planned
        if isinstance(each.bounds, Range) and has_ended(each.bounds, moment, schedule.timezone)
    ]
    rest = [each for each in planned if isinstance(each.bounds, Outside)]
    recent = windows[len(windows) - min(schedule.lookback, len(windows)) :]
    return (*windows, *rest), frozenset(each.key for each in (*recent, *rest))


def judge(state: State, *, in_ledger: bool, recent: bool) -> str:
    """
    Dagster's state     in the ledger    recent    then
    running             -                -         leave
    failed              -                yes       move
    failed              -                no        leave
    missing, loaded     no               -         move
    missing, loaded     yes              yes       look at its source
    missing, loaded     yes              no        leave
    """
    if state == "running":
        return "leave"
    if state == "failed":
        return "move" if recent else "leave"
    if not in_ledger:
        return "move"
    return "look" if recent else "leave"


def ask(
    instance: dg.DagsterInstance, contract: Contract, environment: Mapping[str, str], moment: datetime
) -> Due:
    """Asks for a backfill of what is due at that moment, once however often it is called for it.

    MigrationError where the source or the target cannot be asked."""
    assert contract.schedule is not None
    now = datetime.now(UTC)
    planned = partitions(contract, now)
    keys = [each.key for each in planned]
    make_known(instance, definition_of(contract, keys), keys)
    some, recent = candidates(windows_of(contract, now), contract.schedule, moment)
    entries = {key: each.entry for key, each in standings([contract], environment)[contract.name].items()}
    states = records.states(instance, contract, keys)
    asked = _asked_already(instance, contract)
    decided = {
        each.key: judge(states[each.key], in_ledger=each.key in entries, recent=each.key in recent)
        for each in some
        if each.key not in asked
    }
    looking = [each for each in planned if decided.get(each.key) == "look"]
    changed = [each for each in _looked(contract, looking, entries, environment) if each.state != "fresh"]
    note(instance, contract, changed)
    due = Due(
        tuple(key for key, what in decided.items() if what == "move"),
        {each.partition: each.reason for each in changed},
    )
    wanted_keys = {*due.missing, *due.stale}
    if not wanted_keys:
        return due
    step = Step(contract, tuple(key for key in keys if key in wanted_keys), tuple(keys))
    return Due(due.missing, due.stale, _submit(instance, step, moment))


def _looked(
    contract: Contract,
    looking: Sequence[Partition],
    entries: Mapping[str, Entry],
    environment: Mapping[str, str],
) -> Iterator[Freshness]:
    if contract.bucket is not None:
        yield from bucket_truth.freshness(contract, [each.key for each in looking], environment)
    else:
        yield from looked(contract, looking, entries, environment)


def _submit(instance: dg.DagsterInstance, step: Step, moment: datetime) -> str:
    name, tick = step.contract.name, moment.astimezone(UTC).isoformat(timespec="seconds")
    return dagster_daemon.submit(
        instance,
        wanted([step]),
        title=f"schedule of {name}: {len(step.partitions)} partitions",
        tags={SCHEDULE_TAG: name, TICK_TAG: tick},
        backfill_id=sha256(f"{name}\0{tick}".encode()).hexdigest()[:20],
    )


def _asked_already(instance: dg.DagsterInstance, contract: Contract) -> Collection[str]:
    """Partitions that a tick before has asked for, and that are still being moved."""
    found: set[str] = set()
    for backfill, tags in dagster_daemon.open_backfills(instance):
        if tags.get(SCHEDULE_TAG) == contract.name and (said := dagster_daemon.asked_for(instance, backfill)):
            found.update(said.partitions.get(records.key_of(contract, "loaded"), ()))
    return found
