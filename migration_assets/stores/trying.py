"""Work that may be tried again, and errors in words that may be shown."""

import random
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import migration_assets
from migration_assets.errors import MigrationError, Passing

RETRIES = 3
FIRST_WAIT, LONGEST_WAIT = 1.0, 30.0
#: seconds after which nothing is tried again, however it ends
AT_MOST = 3600.0

Result = TypeVar("Result")


def tried(
    work: Callable[[], Result],
    *,
    sleep: Callable[[float], None] = time.sleep,
    between: Callable[[float, float], float] = random.uniform,
    clock: Callable[[], float] = time.monotonic,
) -> tuple[Result, tuple[str, ...]]:
    """The work's result and the causes for which it was tried again, one each time.

    A passing fault is waited out, each time up to twice as long as the time before, by chance so that
    many do not come back at once; every other error is raised as it is, and so is the last one.
    """
    after: list[str] = []
    started = clock()
    while True:
        try:
            return work(), tuple(after)
        except MigrationError as error:
            late = clock() - started > AT_MOST
            if not isinstance(error, Passing) or len(after) == RETRIES or late:
                error.tried_after = tuple(after)
                raise
            cause = error.cause
        sleep(between(0, min(LONGEST_WAIT, FIRST_WAIT * 2 ** len(after))))
        after.append(cause)


def told(causes: Sequence[str]) -> str:
    """`connection (2), lock`"""
    times = {cause: causes.count(cause) for cause in dict.fromkeys(causes)}
    return ", ".join(cause if number == 1 else f"{cause} ({number})" for cause, number in times.items())


def in_words(error: Exception) -> str:
    """A MigrationError's sentences; of any other error its type and place, for its text may hold rows."""
    if isinstance(error, MigrationError):
        after = error.tried_after
        times = "once" if len(after) == 1 else f"{len(after)} times"
        return f"{error} It was tried again {times}, after: {told(after)}." if after else str(error)
    ours = Path(migration_assets.__file__).parent
    place = "outside of the project"
    for frame in traceback.extract_tb(error.__traceback__):
        if Path(frame.filename).is_relative_to(ours):
            place = f"{Path(frame.filename).relative_to(ours.parent)}, line {frame.lineno}"
    kind = type(error).__name__
    return f"An unforeseen {kind} at {place}. Its text may hold values of rows, so it is not shown."
