"""What happens next with a wave, as the tables in `next` say."""

from dataclasses import replace
from datetime import UTC, datetime, time

import pytest

from migration_assets.waves.model import Wave, Window
from migration_assets.waves.next import (
    Checked,
    Checking,
    Decision,
    Finished,
    Green,
    Held,
    Moving,
    Standing,
    Start,
    Stopped,
    Unplanned,
    Untried,
    Wait,
    decide,
    decide_all,
)

NOW = datetime(2026, 1, 6, 3, 0, tzinfo=UTC)
SHUT = Window("UTC", ("tue",), time(4), time(5))
OPEN = Window("UTC", ("tue",), time(2), time(5))
PLAIN = Wave("second", 1, contracts=("x",), after=("first",))
ASKING = replace(PLAIN, approval=True)
LATER = replace(PLAIN, window=SHUT)
HELD = Held("It broke.", "Mend it.")


@pytest.mark.parametrize(
    ("wave", "standing", "before", "approved", "expected"),
    [
        (PLAIN, Green(), None, False, Finished()),
        (PLAIN, Moving(), HELD, False, Wait("It is moving.")),
        (PLAIN, Checking(), HELD, False, Wait("Its pre-flight is under way.")),
        (PLAIN, Stopped("why"), Finished(), False, Held),
        (PLAIN, Untried(), None, False, Held),
        (PLAIN, Checked(), None, False, Held),
        (PLAIN, Untried(), HELD, False, Held),
        (PLAIN, Checked(), HELD, False, Held),
        (PLAIN, Unplanned("plan it"), HELD, False, Held),
        (PLAIN, Untried(), Wait("w"), False, Wait("It comes after first.")),
        (PLAIN, Untried(), Start("move"), False, Wait("It comes after first.")),
        (PLAIN, Unplanned("plan it"), Finished(), False, Wait("plan it")),
        (ASKING, Untried(), Finished(), False, Wait("It needs approval: run `migrate wave approve second`.")),
        (ASKING, Untried(), Finished(), True, Start("preflight")),
        (ASKING, Checked(), Finished(), False, Wait("It needs approval: run `migrate wave approve second`.")),
        (LATER, Untried(), Finished(), False, Wait("Its window opens Tue 2026-01-06 04:00 UTC.")),
        (LATER, Checked(), Finished(), False, Wait("Its window opens Tue 2026-01-06 04:00 UTC.")),
        (replace(LATER, window=OPEN), Checked(), Finished(), False, Start("move")),
        (PLAIN, Untried(), Finished(), False, Start("preflight")),
        (PLAIN, Checked(), Finished(), False, Start("move")),
    ],
)
def test_what_is_next_with_a_wave(
    wave: Wave,
    standing: Standing,
    before: Decision | None,
    approved: bool,
    expected: Decision | type[Held],
) -> None:
    found = decide(wave, standing, {"first": before}, approved=approved, now=NOW)
    if expected is Held:
        assert isinstance(found, Held)
    else:
        assert found == expected


def test_a_failed_wave_holds_all_after_it_with_its_reason() -> None:
    waves = {
        "third": Wave("third", 1, after=("second",)),
        "second": Wave("second", 1, after=("first",)),
        "first": Wave("first", 1),
    }
    standings: dict[str, Standing] = {"first": Stopped("An orphan."), "second": Untried(), "third": Untried()}
    found = decide_all(waves, standings, (), NOW)
    release = "Correct the cause, then run `migrate wave release first`."
    assert found["first"] == Held("An orphan.", release)
    assert found["second"] == Held("It comes after the wave first, which is held. first: An orphan.", release)
    third = found["third"]
    assert isinstance(third, Held)
    assert third.why.startswith("It comes after the wave second, which is held.")
    assert "first: An orphan." in third.why
    assert third.then == release


def test_waves_without_any_before_them_start_beside_each_other() -> None:
    waves = {"a": Wave("a", 1), "b": Wave("b", 1)}
    found = decide_all(waves, dict.fromkeys(waves, Untried()), (), NOW)
    assert found == {"a": Start("preflight"), "b": Start("preflight")}


def test_a_wave_after_a_file_with_faults_is_held() -> None:
    found = decide_all({"second": PLAIN}, {"second": Untried()}, (), NOW)
    assert found["second"] == Held(
        "It comes after the wave first, whose file cannot be used.",
        "Run `migrate contracts check`; it names the faults.",
    )
