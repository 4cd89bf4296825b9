"""Flow: the rows and bytes that one partition moves from or to one server, held to its limits."""

import logging
import random
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Protocol

from migration_assets.contracts.limits import Limits
from migration_assets.contracts.model import Server
from migration_assets.errors import MigrationError, Passing
from migration_assets.ledger import throttle as ledger_throttle
from migration_assets.tables.throttle_busy import busy_with

if TYPE_CHECKING:
    from migration_assets.tables.throttle import Throttle

#: seconds at the limit's rate that are moved before they are paid for
GRANT = 0.5
#: seconds of one nap, after which the limits may be others
NAP = 2.0
#: seconds that a busy server is waited for
BUSY_PATIENCE = 900.0
#: rows at once where nobody says it and rows a second are limited: a quarter of a second's, at most
MOST_ROWS = 1000

_LOG = logging.getLogger("migration_assets.throttle")


class Flowing(Protocol):
    # how many rows to take at once; None where nothing says it
    @property
    def batch_rows(self) -> int | None: ...

    # to be told of everything that was moved; returns when more may come
    def passed(self, rows: int, size: int) -> None: ...

    # the same pieces of whole lines, each when it may go
    def held(self, pieces: Iterator[bytes]) -> Iterator[bytes]: ...


class _Free:
    """Where there is nothing to be held to."""

    batch_rows = None

    def passed(self, rows: int, size: int) -> None:
        pass

    def held(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        return pieces


FREE: Flowing = _Free()


class Flow:
    """Of one partition and one server, while `Throttle.flow` is open."""

    def __init__(self, throttle: "Throttle", server: Server, url: str) -> None:
        self._throttle = throttle
        self._server = server
        self._url = url
        self._moved = {"rows": 0, "bytes": 0}
        self._rates = _rates(self._limits)
        self._parts = self._limits.batch_rows
        self._cannot_see = ""
        self._throttled = self._backed_off = 0.0

    @property
    def batch_rows(self) -> int | None:
        limits = self._limits
        if limits.batch_rows or not limits.rows_per_second:
            return limits.batch_rows
        return min(MOST_ROWS, max(1, limits.rows_per_second // 4))

    @property
    def facts(self) -> Mapping[str, float | str]:
        """What the limits cost: seconds waited, by why; empty where it was nothing."""
        facts: dict[str, float | str] = {}
        if self._throttled:
            facts["throttled_seconds"] = round(self._throttled, 1)
        if self._backed_off:
            facts["backed_off_seconds"] = round(self._backed_off, 1)
        if self._cannot_see:
            facts["busy_above"] = self._cannot_see
        return facts

    def passed(self, rows: int, size: int) -> None:
        if self._throttle.is_due:
            self._refresh()
        if not self._rates:
            return
        self._moved["rows"] += rows
        self._moved["bytes"] += size
        if any(self._moved[measure] >= rate * GRANT for measure, rate in self._rates.items()):
            self._pay()

    def held(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            for part in _cut(piece, self._parts) if self._parts else (piece,):
                yield part
                self.passed(part.count(b"\n") if "rows" in self._rates else 0, len(part))

    def settle(self) -> None:
        """Pays for what is left."""
        if any(self._moved[measure] for measure in self._rates):
            self._pay()

    def back_off(self) -> None:
        """Waits while the server is busier with others than it may be; Passing when that does not end."""
        waited = 0.0
        while (above := self._limits.busy_above) and not self._cannot_see and (busy := self._busy()) > above:
            if not waited:
                _LOG.warning("%s is busy (%.0f, above %d): waiting", self._server.name, busy, above)
            if waited > BUSY_PATIENCE:
                raise self._too_busy(busy, above)
            nap = random.uniform(NAP / 2, NAP)
            time.sleep(nap)
            waited += nap
            self._backed_off += nap
            self._look()

    @property
    def _limits(self) -> Limits:
        return self._throttle.limits(self._server)

    def _refresh(self) -> None:
        self._look()
        self.back_off()

    def _look(self) -> None:
        try:
            self._throttle.refresh()
        except MigrationError:
            return  # what was known holds on; the ledger is asked again
        self._rates = _rates(self._limits)
        self._parts = self._limits.batch_rows

    def _pay(self) -> None:
        moved = {measure: (float(self._moved[measure]), rate) for measure, rate in self._rates.items()}
        self._moved = dict.fromkeys(self._moved, 0)
        try:
            waits = self._throttle.ask(lambda own: ledger_throttle.pay(own, self._server.name, moved))
        except MigrationError:
            # without the ledger each process keeps to the limits by itself
            waits = {measure: amount / rate for measure, (amount, rate) in moved.items()}
        self._wait(waits)

    def _wait(self, waits: Mapping[str, float]) -> None:
        """Until all is paid for, by the rates as they are then."""
        while (seconds := max(waits.values(), default=0.0)) > 0:
            nap = min(seconds, NAP)
            time.sleep(nap)
            self._throttled += nap
            before = self._rates
            if self._throttle.is_due:
                self._refresh()
            waits = {
                measure: (wait - nap) * before[measure] / self._rates[measure]
                for measure, wait in waits.items()
                if measure in self._rates
            }

    def _busy(self) -> float:
        try:
            known = self._throttle.ask(lambda own: ledger_throttle.busy(own, self._server.name))
            if known is None:
                known = busy_with(self._server, self._url)
                number = known
                self._throttle.ask(lambda own: ledger_throttle.tell_busy(own, self._server.name, number))
            return known
        except Passing:
            return 0.0  # whoever cannot be reached shows it where it is needed
        except MigrationError as error:
            self._cannot_see = error.what
            _LOG.warning("busy_above of %s does not hold: %s", self._server.name, error)
            return 0.0

    def _too_busy(self, busy: float, above: int) -> Passing:
        name = self._server.name
        return Passing(
            f"For {BUSY_PATIENCE:.0f} s {name} was too busy: {busy:.0f}, and its `busy_above` is {above}.",
            advice=f"Run again when it is quieter, or `migrate limits {name} --busy-above N`.",
            cause="busy",
        )


def _rates(limits: Limits) -> dict[str, float]:
    found = {"rows": limits.rows_per_second, "bytes": limits.bytes_per_second}
    return {measure: float(rate) for measure, rate in found.items() if rate}


def _cut(piece: bytes, rows: int) -> Iterator[bytes]:
    """The piece in parts of so many lines."""
    lines = piece.split(b"\n")[:-1]
    for first in range(0, len(lines), rows):
        yield b"\n".join([*lines[first : first + rows], b""])
