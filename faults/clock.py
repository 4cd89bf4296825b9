"""Clocks that are off, in one process: Python's own, where the engine asks for the time of day.

Not covered: the clocks of the databases, those of the file system (the suite sets the times of staged
files back itself), and what compiled libraries ask the operating system. Monotonic clocks stay right,
as they do when a machine's clock is set.
"""

import datetime as dates
import sys
import time
from typing import Any

_DATETIME, _DATE, _TIME, _NANOSECONDS = dates.datetime, dates.date, time.time, time.time_ns


def set_off(seconds: float) -> None:
    """From now on this process is so many seconds ahead of the world, or behind it."""
    if not seconds:
        return
    off = dates.timedelta(seconds=seconds)

    class Datetime(_DATETIME):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return _DATETIME.now(tz) + off

        @classmethod
        def utcnow(cls) -> Any:
            return _DATETIME.now(dates.UTC).replace(tzinfo=None) + off

    class Date(_DATE):
        @classmethod
        def today(cls) -> Any:
            return (_DATETIME.now() + off).date()

    def now() -> float:
        return _TIME() + seconds

    def now_in_nanoseconds() -> int:
        return _NANOSECONDS() + int(seconds * 1e9)

    others = {_DATETIME: Datetime, _DATE: Date, _TIME: now, _NANOSECONDS: now_in_nanoseconds}
    time.time, time.time_ns = now, now_in_nanoseconds
    for name, module in list(sys.modules.items()):
        if name.startswith("migration_assets"):
            for attribute, value in list(vars(module).items()):
                if any(value is original for original in others):
                    setattr(module, attribute, others[value])
