"""Things by name: a few megabytes in memory, the rest on this machine's disk, in a file without a name.

Memory does not grow with a partition; whatever ends the process, nothing is left.
"""

import pickle
import sqlite3
from collections.abc import Iterable, Iterator
from threading import Lock
from typing import Any, Generic, TypeVar

from migration_assets.errors import Passing

Thing = TypeVar("Thing")

#: KiB of each index that are in memory
IN_MEMORY = 4_096
#: things that are read at once, and that wait to be written
AT_ONCE, UNWRITTEN = 500, 12_000
_ONE = "SELECT thing FROM things WHERE name = ?"
_WHETHER = "SELECT 1 FROM things WHERE name = ?"
_FROM = "SELECT name, thing FROM things WHERE name >= ? ORDER BY name LIMIT ?"
_BEHIND = "SELECT name, thing FROM things WHERE name > ? ORDER BY name LIMIT ?"


class Index(Generic[Thing]):
    """Names are in the order of their bytes; things are never changed. Threads may share it."""

    def __init__(self, things: Iterable[tuple[str, Thing]] = ()) -> None:
        self._lock = Lock()
        #: what was put last, and is not written yet
        self._last: dict[bytes, Thing] = {}
        self._there: sqlite3.Connection | None = None
        for name, thing in things:
            self.put(name, thing)

    def put(self, name: str, thing: Thing) -> None:
        """In place of what had that name."""
        with self._lock:
            self._last[_bytes(name)] = thing
            if len(self._last) >= UNWRITTEN:
                self._written()

    def get(self, name: str) -> Thing | None:
        key = _bytes(name)
        with self._lock:
            if key in self._last:
                return self._last[key]
            row = self._asked(_ONE, (key,)) if self._there else None
        return pickle.loads(row[0][0]) if row else None

    def first(self, name: str, thing: Thing) -> Thing:
        """What had that name before; if nothing had, that thing does from now on."""
        before = self.get(name)
        if before is None:
            self.put(name, thing)
        return thing if before is None else before

    def away(self, name: str) -> None:
        key = _bytes(name)
        with self._lock:
            self._last.pop(key, None)
            if self._there:
                self._asked("DELETE FROM things WHERE name = ?", (key,))

    def items(self) -> Iterator[tuple[str, Thing]]:
        """Of what is put while they are read, what comes behind."""
        rows = self._rows(_FROM, b"")
        while rows:
            for name, thing in rows:
                yield name.decode("utf-8", "surrogatepass"), pickle.loads(thing)
            rows = self._rows(_BEHIND, rows[-1][0])

    def __contains__(self, name: str) -> bool:
        key = _bytes(name)
        with self._lock:
            return key in self._last or bool(self._there and self._asked(_WHETHER, (key,)))

    def __len__(self) -> int:
        with self._lock:
            if self._there is None:
                return len(self._last)
            self._written()
            return self._asked("SELECT count(*) FROM things", ())[0][0]

    def __del__(self) -> None:
        if there := getattr(self, "_there", None):
            there.close()

    def _rows(self, statement: str, name: bytes) -> list[tuple[bytes, bytes]]:
        with self._lock:
            self._written()
            return self._asked(statement, (name, AT_ONCE))

    def _written(self) -> None:
        rows = [(name, pickle.dumps(thing, -1)) for name, thing in sorted(self._last.items(), key=_name)]
        try:
            if self._there is None:
                self._there = _opened()
            self._there.executemany("INSERT OR REPLACE INTO things VALUES (?, ?)", rows)
        except sqlite3.Error:
            raise _full() from None
        self._last.clear()

    def _asked(self, statement: str, given: tuple[Any, ...]) -> list[Any]:
        assert self._there is not None
        try:
            return self._there.execute(statement, given).fetchall()
        except sqlite3.Error:
            raise _full() from None


def _opened() -> sqlite3.Connection:
    there = sqlite3.connect("", isolation_level=None, check_same_thread=False)
    there.execute("PRAGMA journal_mode = OFF")
    there.execute(f"PRAGMA cache_size = -{IN_MEMORY}")
    there.execute("CREATE TABLE things (name BLOB PRIMARY KEY, thing BLOB) WITHOUT ROWID")
    there.execute("BEGIN")
    return there


def _name(item: tuple[bytes, object]) -> bytes:
    return item[0]


def _bytes(name: str) -> bytes:
    return name.encode("utf-8", "surrogatepass")


def _full() -> Passing:
    return Passing(
        "This machine's folder for temporary files is full or cannot be written to.",
        advice="Free some space there, or set TMPDIR to another folder; then run the same command again.",
    )
