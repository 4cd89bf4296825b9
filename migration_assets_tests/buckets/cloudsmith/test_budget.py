"""Calls are held back before Cloudsmith refuses them, for all threads and processes of an account together."""

import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from migration_assets.buckets.cloudsmith import allowance, target_of
from migration_assets.buckets.cloudsmith.allowance import LOST, TOUCH, Allowance, answered, asked, refused
from migration_assets.buckets.cloudsmith.budget import Budget
from migration_assets.buckets.places import Pace
from migration_assets_tests.buckets.cloudsmith.conftest import URL, Side, generic


@pytest.fixture(autouse=True)
def _exact_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stand-in's windows end when they say, and by the same clock."""
    monkeypatch.setattr(allowance, "GRAIN", 0.1)


def headers(remaining: int, reset: float, limit: int = 100) -> dict[str, str]:
    return {
        "X-RateLimit-Remaining": str(remaining),
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Reset": str(int(reset)),
    }


@pytest.mark.parametrize(
    ("state", "wait", "left"),
    [
        (Allowance(), 0.0, None),
        (Allowance(probe=999.0), TOUCH, None),
        (Allowance(probe=900.0), 0.0, None),
        (Allowance(left=5, limit=100, until=1010.0), 0.0, 4),
        (Allowance(left=2, limit=100, until=1010.0), 10.0 + TOUCH, 2),
        (Allowance(left=2, limit=100, until=1000.0), 0.0, None),
        (Allowance(left=50, limit=100, until=1010.0, blocked=1003.0), 3.0, 50),
    ],
    ids=["unknown", "asked", "asker died", "open", "reserve", "over", "blocked"],
)
def test_a_call_goes_or_waits_by_the_table(state: Allowance, wait: float, left: int | None) -> None:
    found, seconds = asked(state, 1000.0)

    assert seconds == pytest.approx(wait)
    assert found.left == left


def test_calls_on_their_way_are_taken_off_what_an_answer_says() -> None:
    state = Allowance(left=60, limit=100, until=1010.0, flying=(999.0,) * 8)

    assert answered(state, 1000.0, headers(40, 1010), 999.0).left == 33
    assert answered(state, 1000.0, headers(90, 1010), 999.0).left == 60
    assert answered(state, 1000.0, headers(90, 1070), 999.0).left == 83
    # an answer of the window before
    assert answered(state, 1000.0, headers(3, 970), 999.0).left == 60


def test_a_refusal_holds_all_back_until_its_time() -> None:
    held = refused(Allowance(left=60, limit=100, until=1010.0), 1000.0, 55.0)

    assert asked(held, 1001.0)[1] == pytest.approx(54.0)
    assert asked(held, 1056.0)[0].probe == 1056.0


def test_a_clock_that_is_off_here_does_not_matter() -> None:
    found = answered(Allowance(flying=(999.0,)), 1000.0, headers(40, 4610.0), 999.0, offset=3600.0)

    assert found.until == pytest.approx(1010.1)


def test_whatever_comes_between_a_server_that_counts_has_nothing_to_refuse(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Simulated: eight calls on their way at once, windows that end while they are, said in whole seconds."""
    monkeypatch.setattr(allowance, "GRAIN", 1.0)
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    for _ in range(30):
        now, window, limit = 1000.0, 20.0, chance.randrange(10, 200)
        opened, used, state, flying, gone = 0.0, 0, Allowance(), [], 0
        for _ in range(1000):
            now += chance.random() * 0.05
            for call in [each for each in flying if chance.random() < 0.2]:
                flying.remove(call)
                if now >= opened + window:
                    opened, used = now, 0
                used += 1
                assert used <= limit, "a call was refused that the budget could have foreseen"
                state = answered(state, now, headers(limit - used, opened + window, limit), call)
                gone += 1
            if len(flying) < 8:
                state, wait = asked(state, now)
                if not wait:
                    flying.append(now)
        assert gone > limit


def test_threads_of_a_move_are_never_refused_and_use_nearly_all_of_a_window(side: Side) -> None:
    side.put({f"{number:02d}": b"x" for number in range(20)})
    side.standin.rates.limit, side.standin.rates.window = 30, 1.0

    moved = side.move(workers=8)

    assert {each.state for each in moved} == {"moved"}
    assert side.standin.rates.refused == 0
    # 40 calls and a look or two, 29 a window
    assert side.standin.rates.windows <= 3


def _moves(side: Side, keys: list[str], answers: "multiprocessing.Queue[tuple[int, int]]") -> None:
    target = side.target
    decisions = [generic(each) for each in side.listed() if each.key in keys]
    moved = list(target.move(decisions, side.source, Pace("small", 4)))
    answers.put((sum(each.state == "moved" for each in moved), target.budget.refused))


FORK = multiprocessing.get_context("fork")


def _calls(side: Side, number: int, answers: "multiprocessing.Queue[tuple[int, int]]") -> None:
    """So many calls, as a run makes them, by four threads."""
    from concurrent.futures import ThreadPoolExecutor

    target = side.target
    client = target._client  # pyright: ignore[reportPrivateUsage]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: client.said(client.user.user_self, again=True), range(number)))
    answers.put((target.budget.calls, target.budget.refused))


def test_three_processes_share_one_budget_and_one_that_is_killed_holds_nobody_back(
    side: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(allowance, "PROBE", 0.3)
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    side.standin.rates.limit, side.standin.rates.window = 50, 1.0
    answers: multiprocessing.Queue[tuple[int, int]] = multiprocessing.Queue()
    victim = FORK.Process(target=_calls, args=(side, 10**6, multiprocessing.Queue()))
    those = [FORK.Process(target=_calls, args=(side, 40, answers)) for _ in range(2)]
    for each in (victim, *those):
        each.start()
    time.sleep(random.Random(seed).uniform(0.1, 0.5))
    victim.kill()
    found = [answers.get(timeout=30) for _ in those]
    for each in (victim, *those):
        each.join()

    assert victim.exitcode == -signal.SIGKILL
    assert found == [(40, 0), (40, 0)]
    assert side.standin.rates.refused == 0
    assert len(side.standin.asked) > 80


def _dies_with_the_lock(budget: Budget) -> None:
    with budget._shared() as state:  # pyright: ignore[reportPrivateUsage]
        state.value = Allowance(left=1)
        os.kill(os.getpid(), signal.SIGKILL)


def _dies_finding_out(budget: Budget) -> None:
    budget.take()
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize("dies", [_dies_with_the_lock, _dies_finding_out])
def test_who_waits_for_a_process_that_was_killed_waits_a_moment(
    dies: Callable[[Budget], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(allowance, "PROBE", 0.2)
    budget = Budget(tmp_path / "budget")
    child = FORK.Process(target=dies, args=(budget,))
    child.start()
    child.join()
    started = time.monotonic()

    budget.take()

    assert child.exitcode == -signal.SIGKILL
    assert time.monotonic() - started < 2.0


def test_calls_of_killed_processes_are_forgotten_window_by_window() -> None:
    """Of fifty processes that were killed, each with eight calls on its way, in an hour of windows."""
    state, now = Allowance(), 1000.0
    for _ in range(50):
        for _ in range(8):
            state, _wait = asked(state, now)
            state = Allowance(state.left, state.limit, state.until, state.blocked, state.flying)
        now += LOST
    state, wait = asked(state, now)
    state = answered(state, now, headers(99, now + 60), now)

    assert wait == 0
    assert state.left == 99


@pytest.mark.parametrize(
    "text",
    [
        b'{"left": 3, "li',
        b"[1]",
        b'{"left": "x", "limit": 0, "until": 0, "blocked": 0, "flying": [], "probe": 0}',
        b'{"left": 0, "limit": 100, "until": 9e12, "blocked": 9e12, "flying": [9e12], "probe": 9e12}',
        b'{"left": 0, "limit": 100, "until": 9e12, "blocked": 0, "flying": [], "probe": 9e12}',
    ],
    ids=["cut", "a list", "a text", "a clock that was wrong", "a probe that was wrong"],
)
def test_a_file_of_the_budget_that_cannot_be_true_says_nothing(tmp_path: Path, text: bytes) -> None:
    file = tmp_path / "budget"
    file.write_bytes(text)
    budget = Budget(file, sleep=lambda _: pytest.fail("it waited"))

    budget.answered(200, headers(7, time.time() + 60), budget.take())

    assert budget.limit == 100


@pytest.mark.slow
def test_processes_share_one_budget(side: Side) -> None:
    keys = [f"{number:02d}" for number in range(24)]
    side.put(dict.fromkeys(keys, b"x"))
    side.standin.rates.limit, side.standin.rates.window = 30, 1.0
    answers: multiprocessing.Queue[tuple[int, int]] = multiprocessing.Queue()
    those = [FORK.Process(target=_moves, args=(side, keys[at::2], answers)) for at in range(2)]
    for each in those:
        each.start()
    found = [answers.get(timeout=60) for _ in those]
    for each in those:
        each.join()

    assert found == [(12, 0), (12, 0)]
    assert side.standin.rates.refused == 0


def test_after_a_refusal_nobody_asks_before_its_time(side: Side) -> None:
    side.put({"one": b"1", "two": b"2"})
    side.standin.faults.add("429", "POST /files/", seconds=1)
    started = time.monotonic()

    moved = side.move(workers=2)

    assert {each.state for each in moved} == {"moved"}
    assert time.monotonic() - started > 0.9


def test_limits_of_the_contract_are_asked_for_each_call_and_all_bytes(side: Side) -> None:
    side.put({"one": b"12345", "two": b"123"})
    taken: list[tuple[int, int]] = []
    target = target_of(URL, side.environment, "NEW", throttle=lambda calls, size: taken.append((calls, size)))

    list(target.move([generic(each) for each in side.listed()], side.source, Pace("small", 1)))

    assert sum(calls for calls, _ in taken) == len(side.standin.asked)
    assert sum(size for _, size in taken) == 8
