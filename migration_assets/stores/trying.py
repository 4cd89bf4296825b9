"""Work that may be tried again, and errors in words that may be shown."""

import random
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import migration_assets
from migration_assets.errors import MigrationError

RETRIES = 3
FIRST_WAIT, LONGEST_WAIT = 1.0, 30.0

Result = TypeVar("Result")


def tried(
    work: Callable[[], Result],
    *,
    sleep: Callable[[float], None] = time.sleep,
    between: Callable[[float, float], float] = random.uniform,
) -> tuple[Result, int]:
    """The work's result and how often it was tried again.

    A passing fault is waited out, each time up to twice as long as the time before, by chance so that
    many do not come back at once; every other error is raised as it is.
    """
    for retries in range(RETRIES + 1):
        try:
            return work(), retries
        except MigrationError as error:
            if not error.passing or retries == RETRIES:
                raise
        sleep(between(0, min(LONGEST_WAIT, FIRST_WAIT * 2**retries)))
    raise AssertionError("unreachable")


def in_words(error: Exception) -> str:
    """A MigrationError's sentences; of any other error its type and place, for its text may hold rows."""
    if isinstance(error, MigrationError):
        return str(error)
    ours = Path(migration_assets.__file__).parent
    place = "outside of the project"
    for frame in traceback.extract_tb(error.__traceback__):
        if Path(frame.filename).is_relative_to(ours):
            place = f"{Path(frame.filename).relative_to(ours.parent)}, line {frame.lineno}"
    kind = type(error).__name__
    return f"An unforeseen {kind} at {place}. Its text may hold values of rows, so it is not shown."
