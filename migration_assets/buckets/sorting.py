"""Rows in, the same rows in order out; memory does not grow with their number, the disk does."""

import marshal
from collections.abc import Iterable, Iterator
from heapq import merge
from pathlib import Path

#: key, and what goes with it: of an inventory bytes and storage class
Row = tuple[str, int, str]
#: rows that are sorted at once, and that are read at once of each sorted file
AT_ONCE, PIECE = 100_000, 1_000


class Sorting:
    """`folder` takes the files, which are whoever's it is to remove."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._some: list[Row] = []
        self._files: list[Path] = []

    def add(self, row: Row) -> None:
        self._some.append(row)
        if len(self._some) >= AT_ONCE:
            self._write()

    def rows(self) -> Iterator[Row]:
        """By the bytes of their keys; nothing is added any more."""
        if self._some:
            self._write()
        return merge(*map(_read, self._files))

    def _write(self) -> None:
        file = self._folder / f"sorted-{len(self._files)}"
        self._some.sort()
        with file.open("wb") as out:
            for at in range(0, len(self._some), PIECE):
                marshal.dump(self._some[at : at + PIECE], out)
        self._files.append(file)
        self._some = []


def in_order(rows: Iterable[Row], folder: Path) -> Iterator[Row]:
    """All of them, by the bytes of their keys."""
    sorting = Sorting(folder)
    for row in rows:
        sorting.add(row)
    return sorting.rows()


def _read(file: Path) -> Iterator[Row]:
    with file.open("rb") as sorted_rows:
        while True:
            try:
                rows: list[Row] = marshal.load(sorted_rows)
            except EOFError:
                return
            yield from rows
