"""Rows of Python values as lines of COPY text, for the sources whose rows pass through Python."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from migration_assets.tables.sources.base import MISFIT
from migration_assets.tables.sources.float_text import float_text

NULL = "\\N"
#: bytes that a piece has at least, but for the last one
PIECE = 1 << 18

#: rows of a batch where nobody says how many
BATCH_ROWS = 1000

#: a value's text, escaped
Spelling = Callable[[Any], str]

#: the backslash first, or it would escape the others' own
ESCAPES = (
    ("\\", "\\\\"),
    ("\t", "\\t"),
    ("\n", "\\n"),
    ("\r", "\\r"),
    ("\b", "\\b"),
    ("\f", "\\f"),
    ("\v", "\\v"),
)


def escaped(text: str) -> str:
    """The text as a field; a misfit when it has a NUL character, which PostgreSQL cannot hold."""
    if text.isascii() and text.isprintable() and "\\" not in text:
        return text
    if "\0" in text:
        return MISFIT + "NUL character"
    for character, sequence in ESCAPES:
        text = text.replace(character, sequence)
    return text


def in_hex(value: bytes | bytearray | memoryview) -> str:
    """Bytes as PostgreSQL prints `bytea`, as a field."""
    return "\\\\x" + value.hex()


def null(_: object) -> str:
    return NULL


SPELLINGS: dict[type, Spelling] = {
    type(None): null,
    int: repr,
    float: float_text,
    str: escaped,
    bytes: in_hex,
}


class Spellings(dict[type, Spelling]):
    """Spellings by type; a type that is not there takes its nearest base's, or is a misfit."""

    def __missing__(self, kind: type) -> Spelling:
        for base in kind.__mro__[1:]:
            if base in self:
                self[kind] = self[base]
                return self[kind]
        self[kind] = lambda _: f"{MISFIT}value of Python type {kind.__name__}"
        return self[kind]


def lines(rows: Sequence[Sequence[object]], spellings: Mapping[type, Spelling]) -> bytes:
    """At least one row, of at least one field, as lines; text that is no valid UTF-8 is a misfit."""
    columns, backslashes = [], 0
    for values in zip(*rows, strict=True):
        fields, count = _fields(values, spellings)
        columns.append(fields)
        backslashes += count
    text = "\n".join(map("\t".join, zip(*columns, strict=True))) + "\n"
    try:
        if _is_plain(found := text.encode(), len(rows), len(columns), backslashes):
            return found
    except UnicodeEncodeError:
        pass
    text = "".join("\t".join([spellings[type(v)](v) for v in row]) + "\n" for row in rows)
    try:
        return text.encode()
    except UnicodeEncodeError:
        return mended(text.encode("utf-8", "surrogatepass"))


def _fields(values: tuple[Any, ...], spellings: Mapping[type, Spelling]) -> tuple[Iterable[str], int]:
    """A column's fields, text as it is, and how many backslashes the others have."""
    kinds = set(map(type, values))
    if kinds == {str}:
        return values, 0
    if kinds == {int}:
        return map(repr, values), 0
    if kinds <= {int, float} and min(values) > -1e15 and max(values) < 1e15:
        numbers = "\t".join([*map(repr, values), ""])
        if "n" not in numbers:  # of `nan`, which compares with nothing
            return numbers.replace(".0\t", "\t").split("\t")[:-1], 0
    if kinds == {str, type(None)}:
        return [NULL if value is None else value for value in values], values.count(None)
    fields = [spellings[type(value)](value) for value in values]
    return fields, "".join(fields).count("\\")


def _is_plain(text: bytes, rows: int, width: int, backslashes: int) -> bool:
    """Whether no text brought a character that has to be escaped, nor another one of control."""
    signs = np.frombuffer(text, np.uint8)
    return (
        int(np.count_nonzero(signs < 0x20)) == rows * width
        and int(np.count_nonzero(signs == ord("\\"))) == backslashes
    )


def mended(piece: bytes, reason: str = "invalid UTF-8") -> bytes:
    """Whole lines, with a misfit in place of each field that is no valid UTF-8."""
    try:
        piece.decode()
    except UnicodeDecodeError:
        misfit = (MISFIT + reason).encode()
        return b"\n".join(
            b"\t".join(field if _is_valid(field) else misfit for field in line.split(b"\t"))
            for line in piece.split(b"\n")
        )
    return piece


def _is_valid(field: bytes) -> bool:
    try:
        field.decode()
    except UnicodeDecodeError:
        return False
    return True


def batches(parts: Iterable[tuple[int, bytes]], most: int) -> Iterator[bytes]:
    """Numbers of rows and their lines, joined to at most so many rows and not much more than a piece."""
    held: list[bytes] = []
    size = rows = 0
    for number, part in parts:
        if held and (rows + number > most or size >= PIECE):
            yield b"".join(held)
            held.clear()
            size = rows = 0
        held.append(part)
        size += len(part)
        rows += number
    if held:
        yield b"".join(held)


def gathered(parts: Iterable[bytes], most: int | None = None) -> Iterator[bytes]:
    """The same bytes in pieces of a handier size, or of at most so many parts."""
    held: list[bytes] = []
    size = 0
    for part in parts:
        held.append(part)
        size += len(part)
        if size >= PIECE or (most and len(held) >= most):
            yield b"".join(held)
            held.clear()
            size = 0
    if held:
        yield b"".join(held)
