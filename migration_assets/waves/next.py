"""What happens next with each wave: start, wait, held or finished; pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, assert_never

from migration_assets.waves.hours import is_open, opens_next
from migration_assets.waves.model import Wave


@dataclass(frozen=True)
class Untried:
    """Nothing was done for it as it is now."""


@dataclass(frozen=True)
class Unplanned:
    """It cannot be planned yet; the sentence says what to do."""

    why: str


@dataclass(frozen=True)
class Checking:
    """Its pre-flight is under way."""


@dataclass(frozen=True)
class Checked:
    """Nothing stands in its way."""


@dataclass(frozen=True)
class Moving:
    """Its backfill is under way."""


@dataclass(frozen=True)
class Stopped:
    """Its pre-flight or its backfill ended without success."""

    why: str


@dataclass(frozen=True)
class Green:
    """All is there and verified."""


Standing = Untried | Unplanned | Checking | Checked | Moving | Stopped | Green


@dataclass(frozen=True)
class Start:
    step: Literal["preflight", "move"]


@dataclass(frozen=True)
class Wait:
    why: str


@dataclass(frozen=True)
class Held:
    """It does not go on by itself, and no wave after it starts."""

    why: str
    #: what has to be done
    then: str


@dataclass(frozen=True)
class Finished:
    pass


Decision = Start | Wait | Held | Finished


def decide(
    wave: Wave,
    standing: Standing,
    before: Mapping[str, Decision | None],
    *,
    approved: bool,
    now: datetime,
) -> Decision:
    """`before` has every wave that this one comes after; None where its file cannot be used.

    standing               waves before it      approval    window    decision
    green                  -                    -           -         finished
    moving, checking       -                    -           -         wait: it is under way
    stopped                -                    -           -         held: why it stopped; release it
    untried, checked       one cannot be used   -           -         held: correct that file
    untried, checked       one is held          -           -         held: that one, and why
    untried, checked       one is not green     -           -         wait: for it
    unplanned              all green            -           -         wait: plan it
    untried, checked       all green            missing     -         wait: approve it
    untried, checked       all green            there       shut      wait: until it opens
    untried                all green            there       open      start: the pre-flight
    checked                all green            there       open      start: the move
    """
    match standing:
        case Green():
            return Finished()
        case Checking():
            return Wait("Its pre-flight is under way.")
        case Moving():
            return Wait("It is moving.")
        case Stopped(why):
            return Held(why, f"Correct the cause, then run `migrate wave release {wave.name}`.")
        case Untried() | Unplanned() | Checked():
            pass
        case _:
            assert_never(standing)
    if (reason := _behind(before)) is not None:
        return reason
    if isinstance(standing, Unplanned):
        return Wait(standing.why)
    if wave.approval and not approved:
        return Wait(f"It needs approval: run `migrate wave approve {wave.name}`.")
    if wave.window is not None and not is_open(wave.window, now):
        opens = opens_next(wave.window, now)
        return Wait(f"Its window opens {opens:%a %Y-%m-%d %H:%M} {wave.window.timezone}.")
    return Start("move" if isinstance(standing, Checked) else "preflight")


def decide_all(
    waves: Mapping[str, Wave], standings: Mapping[str, Standing], approved: Collection[str], now: datetime
) -> dict[str, Decision]:
    """Each wave after those it comes after; there are no cycles. `waves` has those that can be used."""
    decided: dict[str, Decision] = {}

    def of(name: str) -> Decision | None:
        if name in waves and name not in decided:
            wave = waves[name]
            before = {other: of(other) for other in wave.after}
            decided[name] = decide(wave, standings[name], before, approved=name in approved, now=now)
        return decided.get(name)

    for name in waves:
        of(name)
    return {name: decided[name] for name in waves}


def _behind(before: Mapping[str, Decision | None]) -> Decision | None:
    """Why the waves before it keep it from starting; None when they are green."""
    for name, decision in before.items():
        if decision is None:
            why = f"It comes after the wave {name}, whose file cannot be used."
            return Held(why, "Run `migrate contracts check`; it names the faults.")
    for name, decision in before.items():
        if isinstance(decision, Held):
            why = decision.why if decision.why.startswith("It comes after") else f"{name}: {decision.why}"
            return Held(f"It comes after the wave {name}, which is held. {why}", decision.then)
    waiting = [name for name, decision in before.items() if not isinstance(decision, Finished)]
    if waiting:
        return Wait(f"It comes after {', '.join(waiting)}.")
    return None
