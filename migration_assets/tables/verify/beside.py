"""Beside: the target's side at work while the source's side is, in a thread or in a process of its own.

    python -m migration_assets.tables.verify.beside 7 8    the open socket and the file of hashes

Threads share one lock, and rows reach Python one by one; a process is only worth its start of some
tenths of a second where there are many rows. It ends with whoever asked it.
"""

import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, BinaryIO, Protocol

from migration_assets.contracts.model import Contract
from migration_assets.errors import MigrationError, Passing, ProofFailed
from migration_assets.stores.trying import in_words
from migration_assets.tables.verify.target_side import TargetSide

#: from so many rows on the target is read in a process of its own
MANY_ROWS = 200_000


@dataclass(frozen=True)
class Opening:
    """What the process has to know; it travels by a socket, as the environment holds passwords."""

    contract: Contract
    columns: tuple[str, ...]
    environment: dict[str, str]


class Beside(Protocol):
    # begins a method of the target's side; the answer is asked for later
    def ask(self, method: str, *arguments: Any) -> Callable[[], Any]: ...

    def close(self) -> None: ...


class InThread:
    """A thread of this process."""

    def __init__(self, opening: Opening, file: BinaryIO) -> None:
        self._pool = ThreadPoolExecutor(1, "target")
        self._side: Future[TargetSide] = self._pool.submit(
            TargetSide, opening.contract, opening.columns, opening.environment, file
        )

    def ask(self, method: str, *arguments: Any) -> Callable[[], Any]:
        def done() -> Any:
            return getattr(self._side.result(), method)(*arguments)

        return self._pool.submit(done).result

    def close(self) -> None:
        with suppress(Exception):
            self._side.result().close()
        self._pool.shutdown()


class InProcess:
    """A process of its own."""

    def __init__(self, opening: Opening, file: BinaryIO) -> None:
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-m", __name__, str(theirs.fileno()), str(file.fileno())]
        environment = os.environ | {
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            "MALLOC_ARENA_MAX": "2",
        }
        self._process = subprocess.Popen(
            command,
            pass_fds=(theirs.fileno(), file.fileno()),
            stdin=subprocess.DEVNULL,
            env=environment,
        )
        theirs.close()
        self._connection = Connection(ours.detach())
        self._connection.send(opening)

    def ask(self, method: str, *arguments: Any) -> Callable[[], Any]:
        self._send((method, arguments))
        return self._answer

    def _send(self, asked: object) -> None:
        with suppress(OSError):  # told when the answer is asked for
            self._connection.send(asked)

    def _answer(self) -> Any:
        try:
            fault, answer = self._connection.recv()
        except (EOFError, OSError):
            raise Passing(
                "The process that reads the target has ended without a word.",
                advice="Look for a lack of memory, then run it again.",
            ) from None
        if fault is not None:
            raise fault
        return answer

    def close(self) -> None:
        self._connection.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def serve(connection: Connection, file: BinaryIO) -> None:
    """Answers until nobody asks any more: (error, None) or (None, answer)."""
    opening: Opening = connection.recv()
    side: TargetSide | None = None
    while True:
        method, arguments = connection.recv()
        try:
            side = side or TargetSide(opening.contract, opening.columns, opening.environment, file)
            answer = None, getattr(side, method)(*arguments)
        except Exception as error:
            answer = _told(error), None
        connection.send(answer)


def _told(error: Exception) -> Exception:
    return error if isinstance(error, MigrationError) else ProofFailed(in_words(error))


def _end_with(connection: int) -> None:
    """Ends this process when nobody is at the other end any more."""
    ended = select.poll()
    ended.register(connection, 0)  # a hang-up is told without being asked for
    while not ended.poll():
        pass
    os._exit(0)


def main(arguments: Sequence[str]) -> None:
    # whoever asked decides what an interruption means
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    connection = Connection(int(arguments[0]))
    threading.Thread(target=_end_with, args=(connection.fileno(),), daemon=True).start()
    with os.fdopen(int(arguments[1]), "r+b") as file, suppress(EOFError, OSError):
        serve(connection, file)


def opened(
    rows: int, contract: Contract, columns: Sequence[str], environment: Mapping[str, str], file: BinaryIO
) -> Beside:
    opening = Opening(contract, tuple(columns), dict(environment))
    return (InProcess if rows >= MANY_ROWS else InThread)(opening, file)


if __name__ == "__main__":
    main(sys.argv[1:])
