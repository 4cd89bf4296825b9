"""How fast: requests side by side adapt to what the server bears.

More side by side by one after as many answers as there are requests, half as many where the server says
that it is too much (additive increase, multiplicative decrease; Chiu and Jain, 1989). Waits before another
attempt grow by chance (decorrelated jitter; AWS Architecture Blog, "Exponential Backoff And Jitter").
"""

import random
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field

from migration_assets.errors import Passing

#: asked before each request with 1 and its bytes; waits as long as it must
Throttle = Callable[[int, int], None]

ATTEMPTS = 8
SHORTEST_WAIT, LONGEST_WAIT = 0.05, 20.0
#: seconds in which a server's complaint counts once
_ONE_COMPLAINT = 1.0


class Slow(Passing):
    """The server asks for less; `wait` is what it asks for in seconds, 0 where it does not say."""

    def __init__(self, what: str, wait: float = 0.0) -> None:
        self.wait = wait
        super().__init__(what, advice="Run the same command again.", cause="busy")


def unlimited(requests: int, size: int) -> None:
    """No limit."""


class Flow:
    """Requests of all threads side by side, at most `most`."""

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = float(most)
        self._allowed = float(most)
        self._under_way = 0
        self._complained = -_ONE_COMPLAINT
        self._clock = clock
        self._free = threading.Condition(threading.Lock())

    @property
    def allowed(self) -> int:
        return int(self._allowed)

    def widen(self, most: int) -> None:
        with self._free:
            self._allowed += max(0.0, most - self._most)
            self._most = max(self._most, float(most))

    @contextmanager
    def turn(self) -> Generator[None]:
        with self._free:
            while self._under_way >= int(self._allowed):
                self._free.wait()
            self._under_way += 1
        try:
            yield
        finally:
            with self._free:
                self._under_way -= 1
                if self._allowed < self._most:
                    self._allowed = min(self._most, self._allowed + 1 / self._allowed)
                # whoever waits takes the place that is free now, and one more where one more is allowed
                self._free.notify(2)

    def complained(self) -> None:
        with self._free:
            if self._clock() - self._complained >= _ONE_COMPLAINT:
                self._complained = self._clock()
                self._allowed = max(1.0, self._allowed / 2)


@dataclass
class Waits:
    """The waits between the attempts of one piece of work; `after` gathers why."""

    attempts: int = ATTEMPTS
    sleep: Callable[[float], None] = time.sleep
    between: Callable[[float, float], float] = random.uniform
    after: list[str] = field(default_factory=list)
    _last: float = SHORTEST_WAIT

    def wait(self, error: Passing) -> None:
        """Before the next attempt; the error itself where there is none left."""
        if len(self.after) + 1 >= self.attempts:
            error.tried_after = tuple(self.after)
            raise error
        self.after.append(error.cause)
        self._last = min(LONGEST_WAIT, self.between(SHORTEST_WAIT, self._last * 3))
        self.sleep(max(self._last, error.wait if isinstance(error, Slow) else 0.0))


class Room:
    """Bytes that may be held in memory by all threads together; what is larger than all of it goes alone."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._held = 0
        self._free = threading.Condition(threading.Lock())

    @contextmanager
    def held(self, size: int) -> Generator[None]:
        with self._free:
            while self._held and self._held + size > self._size:
                self._free.wait()
            self._held += size
        try:
            yield
        finally:
            with self._free:
                self._held -= size
                self._free.notify_all()
