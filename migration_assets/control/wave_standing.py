"""How far an attempt at a wave is, by what Dagster's instance has of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import dagster as dg

from migration_assets.control import dagster_daemon, wave_consent
from migration_assets.control.names import ATTEMPT_TAG
from migration_assets.control.records import Failure
from migration_assets.control.verdict import ContractVerdict
from migration_assets.control.watching import Watch, verdict_of
from migration_assets.control.wave_attempts import (
    Attempt,
    Scene,
    preflight_of,
    since_of,
    steps_of,
    stopped_by,
    unplanned,
)
from migration_assets.control.wave_consent import Consent
from migration_assets.control.wave_report import Moved, noted, noted_green
from migration_assets.waves.model import Wave
from migration_assets.waves.next import (
    Checked,
    Checking,
    Green,
    Moving,
    Standing,
    Stopped,
    Unplanned,
    Untried,
)

_Place = tuple[str, str]
#: what this process has read so far of backfills that go on: each look reads only what is new
_watches: dict[_Place, tuple[Watch, float]] = {}


@dataclass(frozen=True)
class Seen:
    attempt: Attempt
    standing: Standing
    moved: Moved = field(default_factory=Moved)
    approved: Consent | None = None
    released: tuple[Consent, ...] = ()


def seen(scene: Scene, wave: Wave, now: float) -> Seen:
    instance = scene.instance
    released = wave_consent.said(instance, "released", wave)
    approved = next(iter(wave_consent.said(instance, "approved", wave)), None)
    attempt = Attempt(wave, 1 + len(released))
    standing, moved = _standing(scene, attempt, now)
    return Seen(attempt, standing, moved, approved, released)


def _standing(scene: Scene, attempt: Attempt, now: float) -> tuple[Standing, Moved]:
    """
    noted as done    backfill    pre-flight    partitions    standing
    yes              -           -             -             green
    no               goes on     -             -             moving
    no               ended       -             -             green or stopped, by its verdicts
    no               none        goes on       -             checking
    no               none        passed        -             checked
    no               none        failed        -             stopped
    no               none        none          planned       untried
    no               none        none          not yet       unplanned
    """
    if (green := noted_green(scene.instance, attempt.wave)) is not None:
        return Green(), green.moved
    if dagster_daemon.exists(scene.instance, attempt.id):
        return _backfilled(scene, attempt, now)
    run = preflight_of(scene.instance, attempt)
    if run is None:
        why = unplanned(scene, attempt.wave)
        return (Unplanned(why) if why else Untried()), Moved()
    if not run.is_finished:
        return Checking(), Moved()
    if run.status == dg.DagsterRunStatus.SUCCESS:
        return Checked(), Moved()
    return Stopped(f"Its pre-flight failed: {stopped_by(scene.instance, run)}"), Moved()


def _backfilled(scene: Scene, attempt: Attempt, now: float) -> tuple[Standing, Moved]:
    status = dagster_daemon.ended(scene.instance, attempt.id)
    if status is not None:
        last = noted(scene.instance, attempt.wave)
        if last and last.tags.get(ATTEMPT_TAG) == attempt.id and (why := last.text("stopped")):
            return Stopped(why), last.moved
    place = (scene.instance.root_directory, attempt.id)
    found = _watches.get(place) or _watch(scene, attempt)
    if found is None:
        return Stopped(
            "Its backfill cannot be read; it was asked for by another version of Dagster."
        ), Moved()
    watch, began = found
    watch.instance = scene.instance
    watch.look()
    if status is None:
        _watches[place] = found
        return Moving(), _moved(watch, now - began, ())
    _watches.pop(place, None)
    verdicts = [verdict_of(watch, step, status) for step in watch.steps]
    failures = tuple(failure for verdict in verdicts for failure in verdict.failures)
    moved = _moved(watch, _last(watch, now) - began, failures)
    if all(verdict.verified for verdict in verdicts):
        return Green(), moved
    return Stopped(_reason(verdicts, status)), moved


def _watch(scene: Scene, attempt: Attempt) -> tuple[Watch, float] | None:
    asked = dagster_daemon.asked_for(scene.instance, attempt.id)
    if asked is None:
        return None
    return Watch(scene.instance, steps_of(scene, asked), attempt.id, since_of(asked)), asked.at


def _moved(watch: Watch, seconds: float, failures: tuple[Failure, ...]) -> Moved:
    loaded = [each for step in watch.steps for each in watch.stage(step.contract, "loaded").values()]
    failures = failures or tuple(watch.failed.values())
    return Moved(
        sum(len(step.partitions) for step in watch.steps),
        len(loaded),
        len(failures),
        sum(each.rows for each in loaded),
        sum(each.quarantined for each in loaded),
        round(max(seconds, 0.0), 1),
        failures,
    )


def _last(watch: Watch, now: float) -> float:
    """When the last partition was loaded."""
    at = [each.at for step in watch.steps for each in watch.stage(step.contract, "loaded").values()]
    return max(at, default=now)


def _reason(verdicts: Sequence[ContractVerdict], status: str) -> str:
    """The first cause, parents first, and how many partitions are not there."""
    failures = [failure for verdict in verdicts for failure in verdict.failures]
    if status == "CANCELED":
        return f"Its backfill was canceled; {len(failures)} partitions are not there."
    if failures:
        first = failures[0]
        more = f" {len(failures) - 1} more partitions are not there." if len(failures) > 1 else ""
        return f"{first.contract} {first.partition} ({first.stage}): {first.reason}{more}"
    unproven = [
        f"{verdict.contract}: {', '.join(verdict.unproven)}" for verdict in verdicts if verdict.unproven
    ]
    return f"Not all checks hold. {'; '.join(unproven)}"


def forget() -> None:
    """What this process has read so far: it is read again."""
    _watches.clear()
