"""A round of waves: looks at all of them, does what is next with each, and writes down where they stand."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

import dagster as dg

from migration_assets.control import dagster_daemon
from migration_assets.control.names import ATTEMPT_TAG, WAVE_TAG, WAVES
from migration_assets.control.plan import Step
from migration_assets.control.wave_attempts import Attempt, Scene, plan, preflight_of, submit
from migration_assets.control.wave_changes import asks, told
from migration_assets.control.wave_limits import guard, unkept
from migration_assets.control.wave_report import (
    Noted,
    State,
    WaveReport,
    check,
    event,
    metadata,
    noted,
    noted_green,
)
from migration_assets.control.wave_standing import Seen, seen
from migration_assets.errors import PlanRefused
from migration_assets.waves.model import Wave, by_urgency
from migration_assets.waves.next import (
    Checking,
    Decision,
    Finished,
    Green,
    Held,
    Moving,
    Standing,
    Start,
    Stopped,
    Wait,
    decide_all,
)
from migration_assets.waves.selection import contracts_of

#: seconds until mere progress is written down once more
OFTEN = 30.0
_PROGRESS = ("loaded", "failed", "rows")


@dataclass(frozen=True)
class Round:
    """What a round came to: where every wave stands, and the pre-flights that are wanted."""

    reports: tuple[WaveReport, ...]
    preflights: tuple[Attempt, ...]


def look(scene: Scene, waves: Mapping[str, Wave], now: datetime) -> dict[str, tuple[Seen, Decision]]:
    """Where every wave stands and what is next with it; nothing is done."""
    found = {name: seen(scene, wave, now.timestamp()) for name, wave in waves.items()}
    approved = {name for name, each in found.items() if each.approved}
    decided = decide_all(waves, {name: each.standing for name, each in found.items()}, approved, now)
    return {name: (found[name], decided[name]) for name in waves}


def reports(scene: Scene, waves: Mapping[str, Wave], now: datetime) -> dict[str, WaveReport]:
    return {name: report(scene, *each) for name, each in look(scene, waves, now).items()}


def make_round(scene: Scene, waves: Mapping[str, Wave], now: datetime) -> Round:
    """Made twice, by whomever, it does everything once: attempts have names of their own."""
    _add_partitions(scene.instance, waves)
    looked = look(scene, waves, now)
    wanted: list[Attempt] = []
    done: list[WaveReport] = []
    for wave in by_urgency(list(waves.values())):
        found, decision = looked[wave.name]
        if isinstance(decision, Start):
            found, decision = begun(scene, found, decision)
        if isinstance(decision, Start):
            wanted.append(found.attempt)
            found = replace(found, standing=Checking())
            decision = Wait("Its pre-flight is under way.")
        if isinstance(found.standing, Moving):
            guard(scene.instance, found.attempt.id, wave, now)
        done.append(report(scene, found, decision))
    news = [note(scene.instance, each, now) for each in done]
    if any(news):
        scene.instance.report_runless_asset_event(check(done))
    return Round(tuple(done), tuple(wanted))


def begun(scene: Scene, found: Seen, decision: Start) -> tuple[Seen, Decision]:
    """Goes on with a wave that may: asks for its backfill; a wave without anything to move is done.

    A Start comes back where a pre-flight has to be asked for. What has changed is known only after it."""
    attempt, wave = found.attempt, found.attempt.wave
    earlier = _moving_otherwise(scene.instance, attempt)
    if earlier:
        return found, Wait(f"What its file said before is still moving (backfill {earlier}).")
    if why := unkept(scene.instance, wave):
        return found, Wait(why)
    try:
        steps = _planned(scene, attempt)
    except PlanRefused as refused:
        return found, Wait(str(refused))
    if not steps and not (decision.step == "preflight" and asks(wave)):
        return replace(found, standing=Green()), Finished()
    if decision.step == "preflight":
        return found, decision
    submit(scene, attempt, steps)
    moved = replace(found.moved, partitions=sum(len(step.partitions) for step in steps))
    return replace(found, standing=Moving(), moved=moved), Wait("It is moving.")


def _planned(scene: Scene, attempt: Attempt) -> tuple[Step, ...]:
    if not asks(attempt.wave):
        return plan(scene, attempt)
    run = preflight_of(scene.instance, attempt)
    return plan(scene, attempt, told(scene.instance, run, attempt.wave))


def report(scene: Scene, found: Seen, decision: Decision) -> WaveReport:
    wave = found.attempt.wave
    state, why, then = _words(found.standing, decision)
    return WaveReport(
        wave,
        state,
        why,
        then,
        found.attempt,
        contracts_of(wave, scene.contracts),
        found.moved,
        found.standing.why if isinstance(found.standing, Stopped) else "",
        found.approved,
        found.released,
    )


def note(instance: dg.DagsterInstance, said: WaveReport, now: datetime) -> bool:
    """Writes down what is new, mere progress not more often than every half minute; whether it did."""
    if said.state != "green" and not _is_new(noted(instance, said.wave), said, now):
        return False
    if said.state == "green" and noted_green(instance, said.wave) is not None:
        return False
    instance.report_runless_asset_event(event(said))
    return True


def _is_new(last: Noted | None, said: WaveReport, now: datetime) -> bool:
    if last is None or last.tags.get(ATTEMPT_TAG) != said.attempt.id:
        return True
    told = metadata(said)
    if any(last.metadata.get(name) != told[name] for name in ("state", "why", "next step")):
        return True
    further = any(last.metadata.get(name) != told[name] for name in _PROGRESS)
    return further and now.timestamp() - last.at >= OFTEN


def _words(standing: Standing, decision: Decision) -> tuple[State, str, str]:
    """State, why it is so, what comes next."""
    match decision:
        case Finished():
            return "green", "All of it is there and verified.", "Nothing: the waves after it may start."
        case Held(why, then):
            return "held", why, then
        case Start():
            return "waiting", "Nothing keeps it from starting.", "The sensor `waves` starts it."
        case Wait(why):
            pass
        case _:
            assert_never(decision)
    if isinstance(standing, Moving):
        return "moving", why, "It is verified partition by partition."
    if isinstance(standing, Checking):
        return "checking", why, "It moves when nothing stands in its way."
    return "waiting", why, "It starts by itself as soon as that is so."


def _add_partitions(instance: dg.DagsterInstance, waves: Mapping[str, Wave]) -> None:
    new = waves.keys() - set(instance.get_dynamic_partitions(WAVES))
    if new:
        instance.add_dynamic_partitions(WAVES, sorted(new))


def _moving_otherwise(instance: dg.DagsterInstance, attempt: Attempt) -> str:
    """The backfill of another work or attempt of the same wave that has not ended."""
    for backfill, tags in dagster_daemon.open_backfills(instance):
        if tags.get(WAVE_TAG) == attempt.wave.name and backfill != attempt.id:
            return backfill
    return ""
