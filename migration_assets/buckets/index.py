"""Things by name: a few megabytes in memory, the rest on this machine's disk, in a file without a name.

Memory does not grow with a partition; whatever ends the process, nothing is left.
"""

import pickle
import sqlite3
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from threading import Lock
from typing import Generic, Literal, TypeVar

from migration_assets.errors import Passing

Thing = TypeVar("Thing")

#: KiB of each index that are in memory
IN_MEMORY = 4_096
#: things that are read at once
AT_ONCE = 500
_ROWS = {
    ">": "SELECT name, thing FROM things WHERE name > ? ORDER BY name LIMIT ?",
    ">=": "SELECT name, thing FROM things WHERE name >= ? ORDER BY name LIMIT ?",
}


class Index(Generic[Thing]):
    """Names are in the order of their bytes. Threads may share it."""

    def __init__(self, things: Iterable[tuple[str, Thing]] = ()) -> None:
        self._lock = Lock()
        with _on_disk():
            self._there = sqlite3.connect("", isolation_level=None, check_same_thread=False)
            for said in (
                "PRAGMA journal_mode = OFF",
                f"PRAGMA cache_size = -{IN_MEMORY}",
                "CREATE TABLE things (name BLOB PRIMARY KEY, thing BLOB) WITHOUT ROWID",
                "BEGIN",
            ):
                self._there.execute(said)
        self._add(things)

    def put(self, name: str, thing: Thing) -> None:
        """In place of what had that name."""
        row = (_bytes(name), pickle.dumps(thing, pickle.HIGHEST_PROTOCOL))
        with self._lock, _on_disk():
            self._there.execute("INSERT OR REPLACE INTO things VALUES (?, ?)", row)

    def get(self, name: str) -> Thing | None:
        found = self._found(name)
        return pickle.loads(found) if found is not None else None

    def first(self, name: str, thing: Thing) -> Thing:
        """What had that name before; if nothing had, that thing does from now on."""
        before = self.get(name)
        if before is None:
            self.put(name, thing)
        return thing if before is None else before

    def away(self, name: str) -> None:
        with self._lock, _on_disk():
            self._there.execute("DELETE FROM things WHERE name = ?", (_bytes(name),))

    def items(self) -> Iterator[tuple[str, Thing]]:
        """Of what is put while they are read, what comes behind."""
        rows = self._rows(">=", b"")
        while rows:
            for name, thing in rows:
                yield name.decode("utf-8", "surrogatepass"), pickle.loads(thing)
            rows = self._rows(">", rows[-1][0])

    def __contains__(self, name: str) -> bool:
        return self._found(name) is not None

    def __len__(self) -> int:
        with self._lock, _on_disk():
            (number,) = self._there.execute("SELECT count(*) FROM things").fetchone()
        return number

    def __del__(self) -> None:
        with suppress(AttributeError):
            self._there.close()

    def _add(self, things: Iterable[tuple[str, Thing]]) -> None:
        rows = ((_bytes(name), pickle.dumps(thing, pickle.HIGHEST_PROTOCOL)) for name, thing in things)
        with self._lock, _on_disk():
            self._there.executemany("INSERT OR REPLACE INTO things VALUES (?, ?)", rows)

    def _found(self, name: str) -> bytes | None:
        with self._lock, _on_disk():
            row = self._there.execute("SELECT thing FROM things WHERE name = ?", (_bytes(name),)).fetchone()
        return row[0] if row else None

    def _rows(self, behind: Literal[">", ">="], name: bytes) -> list[tuple[bytes, bytes]]:
        with self._lock, _on_disk():
            return self._there.execute(_ROWS[behind], (name, AT_ONCE)).fetchall()


def _bytes(name: str) -> bytes:
    return name.encode("utf-8", "surrogatepass")


@contextmanager
def _on_disk() -> Generator[None]:
    try:
        yield
    except sqlite3.Error:
        raise Passing(
            "This machine's folder for temporary files is full or cannot be written to.",
            advice="Free some space there, or set TMPDIR to another folder; then run the same command again.",
        ) from None
