"""Threads that do pieces of work side by side; what feeds them and takes their results is one thread."""

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Work = TypeVar("Work")
Result = TypeVar("Result")

#: pieces of work that wait for each thread
_AHEAD = 4


def side_by_side(
    work: Callable[[Work], Iterable[Result]], pieces: Iterable[Work], threads: int
) -> Iterator[Result]:
    """What comes of each piece, in the order in which it is done.

    The first error is raised when what was under way has ended and been given; nothing new is begun then.
    """
    waiting: queue.SimpleQueue[Work | None] = queue.SimpleQueue()
    done: queue.SimpleQueue[tuple[list[Result], BaseException | None]] = queue.SimpleQueue()
    stopped = threading.Event()

    def run() -> None:
        while (piece := waiting.get()) is not None:
            results: list[Result] = []
            error: BaseException | None = None
            if not stopped.is_set():
                try:
                    results.extend(work(piece))
                except BaseException as raised:
                    error = raised
                    stopped.set()
            done.put((results, error))

    crew = [threading.Thread(target=run, name=f"objects-{each}", daemon=True) for each in range(threads)]
    for each in crew:
        each.start()
    under_way = 0
    failed: BaseException | None = None
    source = iter(pieces)
    more = True
    try:
        while more or under_way:
            while more and under_way < threads * _AHEAD and not stopped.is_set():
                try:
                    piece = next(source, None)
                except Exception as error:
                    # what is under way is done, and has to be told
                    failed, piece = failed or error, None
                    stopped.set()
                if piece is None:
                    more = False
                    break
                waiting.put(piece)
                under_way += 1
            more = more and not stopped.is_set()
            if under_way:
                results, error = done.get()
                under_way -= 1
                failed = failed or error
                yield from results
        if failed:
            raise failed
    finally:
        stopped.set()
        for _ in crew:
            waiting.put(None)
        for each in crew:
            each.join()
