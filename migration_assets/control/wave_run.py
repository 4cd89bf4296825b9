"""A wave from the command line: the same pre-flight, plan, attempt and backfill as the sensor's."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg

from migration_assets.control import dagster_daemon, wave_allowing
from migration_assets.control.plan import Step
from migration_assets.control.preflight import preflights
from migration_assets.control.progress import Progress
from migration_assets.control.run import MODULE, PAUSE, Asked, run
from migration_assets.control.verdict import Verdict
from migration_assets.control.wave_attempts import Attempt, Scene, since_of, steps_of, submit
from migration_assets.control.wave_attempts import plan as planned
from migration_assets.control.wave_changes import asks, changed
from migration_assets.control.wave_report import WaveReport
from migration_assets.control.wave_round import begun, look, note, report
from migration_assets.errors import WaveHeld
from migration_assets.waves.model import Wave
from migration_assets.waves.next import Checking, Finished, Green, Held, Moving, Start, Stopped


@dataclass(frozen=True)
class Waved:
    """What became of a wave, and what it moved just now; no verdict where it was done before."""

    report: WaveReport
    verdict: Verdict


def run_wave(
    scene: Scene,
    waves: Mapping[str, Wave],
    name: str,
    folder: Path,
    environment: Mapping[str, str],
    *,
    by: str,
    module: str = MODULE,
    on_progress: Callable[[Progress], None] = lambda _: None,
    stopping: Callable[[], bool] = lambda: False,
    pause: float = PAUSE,
) -> Waved:
    """Moves the wave and waits; a wave that had failed is released by this very word.

    WaveHeld where it may not start, with the reason: waves before it, approval, window, pre-flight."""
    steps, attempt = _begun(scene, waves, name, environment, by)

    def ask(_instance: dg.DagsterInstance, steps: Sequence[Step]) -> Asked:
        backfill = submit(scene, attempt, steps)
        asked = dagster_daemon.asked_for(scene.instance, backfill)
        return Asked(name, backfill, since_of(asked) if asked else 0)

    verdict = run(
        scene.instance,
        steps,
        folder,
        ask=ask,
        module=module,
        on_progress=on_progress,
        stopping=stopping,
        pause=pause,
    )
    return Waved(_written(scene, waves, name), verdict)


def _begun(
    scene: Scene, waves: Mapping[str, Wave], name: str, environment: Mapping[str, str], by: str
) -> tuple[Sequence[Step], Attempt]:
    """What is to be moved, none where it is done; WaveHeld where it may not start.

    decision or standing     then
    finished                 nothing
    moving                   what its backfill was asked for
    stopped by itself        released by whoever asks, and looked at again
    start, checked           the plan of the attempt
    start, not checked       the pre-flight, here and now
    anything else            refused
    """
    found, decision = look(scene, waves, datetime.now(UTC))[name]
    if isinstance(found.standing, Stopped):
        wave_allowing.record(scene, "released", waves[name], by, datetime.now(UTC), environment)
        found, decision = look(scene, waves, datetime.now(UTC))[name]
    if isinstance(decision, Finished):
        return (), found.attempt
    if isinstance(found.standing, Moving):
        asked = dagster_daemon.asked_for(scene.instance, found.attempt.id)
        return (steps_of(scene, asked) if asked else ()), found.attempt
    if isinstance(found.standing, Checking):
        decision = Start("preflight")
    if isinstance(decision, Start):
        found, decision = begun(scene, found, Start("preflight"))
    if isinstance(decision, Finished):
        note(scene.instance, report(scene, found, decision), datetime.now(UTC))
        return (), found.attempt
    if not isinstance(decision, Start):
        then = decision.then if isinstance(decision, Held) else "`migrate wave list` says where all stand."
        raise WaveHeld(f"The wave {name} does not start. {decision.why}", advice=then)
    _check(scene, waves[name], environment)
    chosen = {contract.name: contract for contract in scene.of(waves[name])}
    changes = changed(scene.instance, chosen, environment) if asks(waves[name]) else None
    steps = planned(scene, found.attempt, changes)
    if not steps:
        done = replace(found, standing=Green())
        note(scene.instance, report(scene, done, Finished()), datetime.now(UTC))
    return steps, found.attempt


def _check(scene: Scene, wave: Wave, environment: Mapping[str, str]) -> None:
    chosen = {contract.name: contract for contract in scene.of(wave)}
    stopping = [
        f"{finding.side}, {finding.name}: {finding.found}"
        for each in preflights(chosen, scene.contracts, environment)
        for finding in each.findings
        if finding.state == "failed"
    ]
    if stopping:
        raise WaveHeld(
            f"The wave {wave.name} does not start: its pre-flight failed. {' '.join(stopping)}",
            advice=f"Run `migrate check {wave.name}`; it says what to do.",
        )


def _written(scene: Scene, waves: Mapping[str, Wave], name: str) -> WaveReport:
    """Where the wave stands now, noted as the sensor would note it."""
    if name not in scene.instance.get_dynamic_partitions("waves"):
        scene.instance.add_dynamic_partitions("waves", [name])
    now = datetime.now(UTC)
    said = report(scene, *look(scene, waves, now)[name])
    note(scene.instance, said, now)
    return said
