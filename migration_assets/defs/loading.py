"""How definitions are made quickly: nothing is looked for that could be thrown away."""

import gc
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def nothing_thrown_away() -> Generator[None]:
    """Python's garbage collector rests, and leaves alone for ever what was made meanwhile.

    Definitions stay as long as their process, and walking through all of them again and again costs a
    fifth of the time to make them, and of all that Dagster makes of them afterwards.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        if collecting:
            gc.enable()
