"""PostgreSQL's COPY text format: columns of escaped fields, and back.

A field is escaped by backslash sequences, NULL is `\\N`, fields are parted by TAB, a row is one
line. Escaping is one-to-one, so that equal values have equal text and a line can be hashed.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute

#: its functions are made when it is imported, so that no type checker knows them
pc: Any = pyarrow.compute

NULL = "\\N"

#: escape letter and the character that it stands for, as COPY TO writes them
ESCAPES = (("b", "\b"), ("f", "\f"), ("n", "\n"), ("r", "\r"), ("t", "\t"), ("v", "\v"))

#: bytes looked at once
_SLICE = 1 << 19


class StagedLines:
    """Whole lines of COPY text, taken apart where they are asked for: a field is found by the delimiter
    before it and the one behind it, and copied once."""

    def __init__(self, lines: bytes, width: int) -> None:
        """pyarrow.lib.ArrowInvalid when a line has another number of fields, or is not UTF-8."""
        self.lines, self.width = lines, width
        _refuse_other_text(lines)
        characters = np.frombuffer(lines, np.uint8)
        # TAB is 9, and newline 10
        ends, newlines = _places(lines, 9, 10), _places(lines, 10, 10)
        self.rows = len(newlines)
        whole = len(ends) == self.rows * width and (not lines or lines.endswith(b"\n"))
        if not whole or (ends[width - 1 :: width] != newlines).any():
            raise pa.ArrowInvalid("lines of another number of fields")
        #: where each field ends, by row and place
        self._ends = ends.reshape(self.rows, width)
        backslashes = _places(lines, ord("\\"), ord("\\")) if b"\\" in lines else newlines[:0]
        letters = characters[backslashes + 1]
        self.nulls = bool((letters == ord("N")).any())
        #: whether any backslash is more than a NULL
        self.escapes = bool((letters != ord("N")).any())
        #: whether any may be a source's mark in place of a value (see `sources.base.MISFIT`)
        self.marks = bool((letters == ord("!")).any())

    def column(self, place: int) -> pa.Array:
        """The fields of one place, still escaped, NULL as null."""
        fields = self.run(place, place)
        if not self.nulls:
            return fields
        return pc.if_else(pc.equal(fields, NULL), pa.scalar(None, pa.string()), fields)

    def run(self, first: int, last: int) -> pa.Array:
        """The fields from `first` to `last` as they stand, with the delimiters between them."""
        bounds = np.empty(2 * self.rows + 1, np.int32)
        starts, ends = bounds[0:-1:2], bounds[1::2]
        ends[:] = self._ends[:, last]
        if first:
            np.add(self._ends[:, first - 1], 1, out=starts)
        else:
            starts[:1] = 0
            np.add(self._ends[:-1, -1], 1, out=starts[1:])
        bounds[-1] = len(self.lines)
        # every second one of these strings is what stands between two runs
        strings = pa.StringArray.from_buffers(2 * self.rows, pa.py_buffer(bounds), pa.py_buffer(self.lines))
        return strings.take(pa.array(np.arange(0, 2 * self.rows, 2, dtype=np.int32)))


def columns_of(lines: bytes, width: int) -> list[pa.Array]:
    """The fields of whole lines, still escaped, NULL as null: `width` arrays of strings.

    pyarrow.lib.ArrowInvalid when a line has another number of fields.
    """
    staged = StagedLines(lines, width)
    return [staged.column(place) for place in range(width)]


def _places(lines: bytes, low: int, high: int) -> np.ndarray[Any, np.dtype[np.int32]]:
    """Where the bytes from `low` to `high` are; a slice at a time, for the processor's cache."""
    found: list[np.ndarray[Any, np.dtype[np.int32]]] = []
    for start in range(0, len(lines), _SLICE):
        part = np.frombuffer(lines, np.uint8, min(_SLICE, len(lines) - start), start)
        # what is less than `low` goes round to the other end
        places = np.flatnonzero((part - np.uint8(low)) <= high - low)
        found.append(places.astype(np.int32) + np.int32(start))
    return np.concatenate(found) if found else np.empty(0, np.int32)


def _refuse_other_text(lines: bytes) -> None:
    if not lines.isascii():
        bounds = pa.py_buffer(np.array([0, len(lines)], np.int32))
        pa.StringArray.from_buffers(1, bounds, pa.py_buffer(lines)).validate(full=True)


def decoded(column: pa.Array) -> pa.Array:
    """Fields as the values that they stand for."""
    if not pc.any(pc.match_substring(column, "\\")).as_py():
        return column
    # a character that no PostgreSQL text can hold stands in for the escaped backslash
    column = pc.replace_substring(column, "\\\\", "\0")
    for letter, character in ESCAPES:
        column = pc.replace_substring(column, "\\" + letter, character)
    return pc.replace_substring(column, "\0", "\\")


def encoded(column: pa.Array) -> pa.Array:
    """Values as escaped fields."""
    if not pc.any(pc.match_substring_regex(column, "[\\\\\\x08\\f\\n\\r\\t\\v]")).as_py():
        return column
    column = pc.replace_substring(column, "\\", "\\\\")
    for letter, character in ESCAPES:
        column = pc.replace_substring(column, character, "\\" + letter)
    return column


def lines_of(columns: Sequence[pa.Array]) -> bytes:
    """Escaped columns of equal length as lines."""
    if not columns or len(columns[0]) == 0:
        return b""
    # offsets of 32 bits serve lines of up to 2 GiB, and are half as much to carry
    size = sum(column.nbytes for column in columns)
    text = pa.string() if size < 1 << 30 else pa.large_string()
    fields = [column.cast(text) for column in columns]
    fields[-1] = _joined([fields[-1], pa.scalar("\n", text)], pa.scalar("", text))
    _, _, data = (_joined(fields, pa.scalar("\t", text)) if len(fields) > 1 else fields[0]).buffers()
    del fields
    return data.to_pybytes()


def _joined(parts: Sequence[Any], separator: pa.Scalar) -> pa.Array:
    return pc.binary_join_element_wise(*parts, separator, null_handling="replace", null_replacement=NULL)
