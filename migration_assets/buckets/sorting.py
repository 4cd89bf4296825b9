"""Rows in, the same rows in order out; memory does not grow with their number, the disk does."""

import marshal
from collections.abc import Iterable, Iterator
from heapq import merge
from itertools import islice
from pathlib import Path

#: key, bytes, storage class
Row = tuple[str, int, str]
#: rows that are sorted at once, and that are read at once of each sorted file
AT_ONCE, PIECE = 100_000, 1_000


def in_order(rows: Iterable[Row], folder: Path) -> Iterator[Row]:
    """By the bytes of their keys. `folder` takes the files, which are whoever's it is to remove."""
    source = iter(rows)
    files: list[Path] = []
    while some := sorted(islice(source, AT_ONCE)):
        files.append(_written(some, folder / f"sorted-{len(files)}"))
    return merge(*map(_read, files))


def _written(rows: list[Row], file: Path) -> Path:
    with file.open("wb") as out:
        for at in range(0, len(rows), PIECE):
            marshal.dump(rows[at : at + PIECE], out)
    return file


def _read(file: Path) -> Iterator[Row]:
    with file.open("rb") as sorted_rows:
        while True:
            try:
                rows: list[Row] = marshal.load(sorted_rows)
            except EOFError:
                return
            yield from rows
