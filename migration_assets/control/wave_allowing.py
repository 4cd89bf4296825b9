"""Approval of a wave and release of a held one, by whoever asks: the command or a click in the UI."""

from collections.abc import Mapping
from datetime import datetime

from migration_assets.control import wave_consent
from migration_assets.control.wave_attempts import Scene
from migration_assets.control.wave_round import look
from migration_assets.errors import WaveHeld
from migration_assets.ledger.decisions import Word
from migration_assets.waves.model import Wave
from migration_assets.waves.next import Held, Stopped


def approve(
    scene: Scene,
    waves: Mapping[str, Wave],
    name: str,
    by: str,
    now: datetime,
    environment: Mapping[str, str],
) -> bool:
    """Whether it was not approved before; WaveHeld where it needs no approval."""
    refuse_approval(waves[name])
    if wave_consent.said(scene.instance, "approved", waves[name]):
        return False
    record(scene, "approved", waves[name], by, now, environment)
    return True


def release(
    scene: Scene,
    waves: Mapping[str, Wave],
    name: str,
    by: str,
    now: datetime,
    environment: Mapping[str, str],
) -> None:
    """WaveHeld where the wave is not held by its own failure."""
    refuse_release(scene, waves, name, now)
    record(scene, "released", waves[name], by, now, environment)


def refuse_approval(wave: Wave) -> None:
    if not wave.approval:
        raise WaveHeld(
            f"The wave {wave.name} needs no approval.", advice="Its file would say `approval: needed`."
        )


def refuse_release(scene: Scene, waves: Mapping[str, Wave], name: str, now: datetime) -> None:
    found, decision = look(scene, waves, now)[name]
    if isinstance(found.standing, Stopped):
        return
    if isinstance(decision, Held):
        raise WaveHeld(f"The wave {name} did not fail itself. {decision.why}", advice=decision.then)
    raise WaveHeld(
        f"The wave {name} is not held: there is nothing to release.",
        advice="`migrate wave list` says where all waves stand.",
    )


def record(
    scene: Scene, word: Word, wave: Wave, by: str, now: datetime, environment: Mapping[str, str]
) -> None:
    """In the ledgers of its targets, then in Dagster: whoever dies in between says it once more."""
    kept = wave_consent.keep(scene.instance, word, wave, scene.of(wave), environment, by, now)
    wave_consent.record(scene.instance, kept)
