"""What one server takes is shared by whoever has its file: threads, processes, runs."""

import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from migration_assets.buckets import limit
from migration_assets.buckets.limit import Limit, Rates, State, taken


@pytest.mark.parametrize(
    ("state", "rates", "requests", "size", "then", "wait"),
    [
        (State(), Rates(10, 100), 1, 0, State(requests=5.1), 0.0),
        (State(requests=7.0), Rates(10, 100), 1, 0, State(requests=7.1), 2.0),
        (State(requests=7.0, bytes=9.0), Rates(10, 100), 1, 50, State(requests=7.1, bytes=9.5), 4.0),
        (State(requests=7.0), Rates(0, None), 1, 50, State(requests=7.0), 0.0),
    ],
)
def test_whoever_asks_takes_the_next_free_moment(
    state: State, rates: Rates, requests: int, size: int, then: State, wait: float
) -> None:
    found, seconds = taken(state, rates, 5.0, requests, size)
    assert (found.requests, found.bytes) == pytest.approx((then.requests, then.bytes))
    assert seconds == pytest.approx(wait)


def test_a_limit_holds_for_all_processes_together(tmp_path: Path) -> None:
    """Each of these has the file open for itself, as a process has."""
    own = [Limit(tmp_path / "limits.json", Rates(100)) for _ in range(2)]
    started = time.monotonic()
    crew = [threading.Thread(target=lambda one=one: [one(1, 0) for _ in range(10)]) for one in own * 2]
    for each in crew:
        each.start()
    for each in crew:
        each.join()
    assert 0.38 <= time.monotonic() - started < 5


def test_what_is_said_meanwhile_holds_and_lets_those_go_who_wait(tmp_path: Path) -> None:
    file, naps = tmp_path / "limits.json", list[float]()

    def sleep(seconds: float) -> None:
        naps.append(seconds)
        limit.say(file, Rates(0, 0))

    now = iter(range(0, 1000, 3))
    one = Limit(file, Rates(None, 10), clock=lambda: float(next(now)), sleep=sleep)
    one(1, 1000)
    assert naps == []
    one(1, 1000)
    assert naps == [2.0], "no more than a nap: the limit is lifted"
    one(1, 1000)
    assert naps == [2.0]
    limit.say(file, Rates(bytes_per_second=5))
    one(1, 1000)
    one(1, 1000)
    assert len(naps) == 2


def test_a_damaged_file_or_none_that_can_be_had_keeps_nobody_from_the_limit(tmp_path: Path) -> None:
    file, naps = tmp_path / "limits.json", list[float]()
    limit.say(file, Rates(100))
    assert len(file.read_bytes()) == limit.LENGTH
    file.write_bytes(b'{"said": {"requests_per')
    found = limit.read(file)
    assert found
    assert found.said == Rates()
    (tmp_path / "a file").touch()
    for place in (file, tmp_path / "a file" / "limits.json"):
        one = Limit(place, Rates(1), clock=lambda: 100.0, sleep=naps.append)
        one(1, 0)
        assert naps == []
        one(1, 0)
        assert naps.pop() == pytest.approx(1.0)


def test_after_a_start_of_the_machine_nothing_is_owed(tmp_path: Path) -> None:
    file = tmp_path / "limits.json"
    limit.say(file, Rates(7))
    with limit.held(file) as (state, write):
        write(replace(state, requests=1e9, boot="another"))
    found = limit.read(file)
    assert found
    assert (found.said, found.requests) == (Rates(7), 0.0)
