"""How many calls a window takes, and what an answer says of it."""

import math
import threading
import time
from dataclasses import dataclass, field


@dataclass
class Rates:
    """A window opens with its first call; `limit` calls fit into it."""

    limit: int = 10_800
    #: seconds
    window: float = 3600.0
    #: calls that were refused
    refused: int = 0
    #: that were opened
    windows: int = 0
    _opened: float = 0.0
    _used: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self) -> tuple[dict[str, str], float]:
        """Headers of the answer, and the seconds to wait for where it is refused, else 0."""
        with self._lock:
            now = time.time()
            if now >= self._ends:
                self._opened, self._used = now, 0
                self.windows += 1
            if self._used >= self.limit:
                self.refused += 1
                return self._headers(0), max(1.0, math.ceil(self._ends - now))
            self._used += 1
            return self._headers(self.limit - self._used), 0.0

    def foreign(self, calls: int) -> None:
        """Calls that somebody else made with the same account."""
        with self._lock:
            self._used += calls

    def as_json(self) -> dict[str, object]:
        remaining = max(0, self.limit - self._used)
        reset = math.ceil(self._ends)
        return {
            "interval": self.window / self.limit,
            "limit": self.limit,
            "remaining": remaining,
            "reset": reset,
            "reset_iso_8601": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(reset)),
            "throttled": remaining == 0,
        }

    @property
    def _ends(self) -> float:
        # whole seconds, as the header has it
        return math.ceil(self._opened + self.window)

    def _headers(self, remaining: int) -> dict[str, str]:
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(remaining),
            "X-RateLimit-Reset": str(math.ceil(self._ends)),
            "X-RateLimit-Interval": f"{self.window / self.limit:.3f}",
        }
