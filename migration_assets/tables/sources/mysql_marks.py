"""A line as the server marks it, and the line of COPY text that is made of it here.

The server writes the values' own text with marks between them, which are bytes that no UTF-8 has; to
escape is left to this side, where it is done for many lines at once. A value with such a byte in it
would be taken for marks. There are more of them then than there may be, and the row is left out, to be
read by `troubled` in another way.
"""

import secrets
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from migration_assets.tables.sources import mysql_fields
from migration_assets.tables.sources.base import MISFIT, Reading, SourceColumn
from migration_assets.tables.sources.mysql_bounds import quoted
from migration_assets.tables.sources.mysql_packets import END, Bytes, Cells
from migration_assets.tables.sources.mysql_types import UTF8, declared
from migration_assets.tables.sources.rowwise import ESCAPES

#: the lowest byte that may be a mark; UTF-8 ends before
LOWEST = 0xF8
#: between fields; without its upper half it is a TAB, as the first byte of `END` is a newline
BETWEEN = 0xF9
#: the first byte of a mark for a backslash that is none of the value's
BACKSLASH = 0xFC
UPPER = 0xF0
#: the lowest byte that is never escaped or refused, but for the backslash
_PRINTED = 0x0E
_ESCAPES = [(character.encode(), sequence.encode()) for character, sequence in ESCAPES]


@dataclass(frozen=True)
class Marks:
    """How the lines of one reading are marked; `backslash` is another one each time, so that no
    value that was written before can have it."""

    width: int
    backslash: bytes = field(
        default_factory=lambda: bytes([BACKSLASH, *(0x80 | byte & 0x3F for byte in secrets.token_bytes(2))])
    )


def selected(reading: Reading, marks: Marks, *, mariadb: bool) -> str:
    """SQL for a row's marked line; NULL where the server may not build it."""
    fields = [_field(column, reading, marks, mariadb=mariadb) for column in reading.columns]
    return f"CONCAT({mysql_fields.BINARY}, {f', 0x{BETWEEN:x}, '.join(fields)}, 0x{END.hex()})"


def troubled(reading: Reading) -> str | None:
    """SQL that holds for the rows with a mark's byte in a value; None where no column can have one."""
    names = [quoted(column.name) for column in reading.columns if _is_free(column)]
    places = [
        f"LOCATE(0x{byte:x}, CAST({name} AS BINARY)) > 0" for name in names for byte in range(LOWEST, 256)
    ]
    return " OR ".join(places) or None


def unmarked(cells: Cells, marks: Marks) -> tuple[bytes, int]:
    """The lines of COPY text, and how many rows are left out, as their values look like marks."""
    data = cells.data
    high = data >= LOWEST
    if int(np.count_nonzero(high)) == cells.count * marks.width:
        return _lines(data, high, marks, has_backslashes=False), 0
    if _is_marked(data.tobytes(), cells.count, marks):
        return _lines(data, high, marks, has_backslashes=True), 0
    rows = list(cells)
    good = [row + END[:1] for row in rows if _is_marked(row + END[:1], 1, marks)]
    if not good:
        return b"", len(rows)
    found = np.frombuffer(b"".join(good), np.uint8)
    return _lines(found, found >= LOWEST, marks, has_backslashes=True), len(rows) - len(good)


def _field(column: SourceColumn, reading: Reading, marks: Marks, *, mariadb: bool) -> str:
    name, kind = quoted(column.name), declared(column)
    null, misfit = (_binary(marks.backslash + sign) for sign in (b"N", MISFIT[1:].encode()))
    match kind.kind:
        case "text":
            text = name
            if not _is_free(column):
                wrong = f"CONCAT({misfit}, {mysql_fields.literal('invalid text')})"
                text = f"IF({mysql_fields.is_kept(kind, name)}, {mysql_fields.plain(column, name)}, {wrong})"
        case "bytes":
            text = f"CONCAT({_binary(marks.backslash + b'x')}, LOWER(HEX({name})))"
        case "moment":
            return _moment(column, reading, null, misfit, mariadb=mariadb)
        case "integer" | "number":
            whole = kind.padded or kind.name == "year"
            text = f"({name} + 0)" if whole else name
        case "float" | "bits" | "other":
            text = mysql_fields.plain(column, name)
    if not column.nullable:
        return text
    if kind.kind in ("text", "bytes"):
        return f"IF({name} IS NULL, {null}, {text})" if text != name else f"IFNULL({name}, {null})"
    return f"IFNULL({text}, {null})"


def _moment(column: SourceColumn, reading: Reading, null: str, misfit: str, *, mariadb: bool) -> str:
    name, kind = quoted(column.name), declared(column)
    is_whole = kind.name != "timestamp" and not any(kind.args)
    text = name if is_whole else mysql_fields.plain(column, name)
    zero = null if reading.zero_dates_as_null else f"CONCAT({misfit}, {mysql_fields.literal('zero date')})"
    strange = f"CONCAT({misfit}, {mysql_fields.literal('no such date')})"
    absent = f"IF({mysql_fields.known(column, name)}, {strange}, {zero})"
    if column.nullable:
        absent = f"IF({name} IS NULL, {null}, {absent})"
    if mariadb:
        # it reckons with no day that is not in the calendar
        return f"IF({name} + INTERVAL 0 DAY IS NULL, {absent}, {text})"
    return f"IF({mysql_fields.real(name)}, {text}, {absent})"


def _is_free(column: SourceColumn) -> bool:
    """Whether the column's bytes come as they are."""
    kind = declared(column)
    return kind.kind == "text" and kind.charset in UTF8


def _binary(mark: bytes) -> str:
    """A literal that is not converted into its neighbour's character set."""
    return f"CAST(0x{mark.hex()} AS BINARY)"


def _is_marked(data: bytes, rows: int, marks: Marks) -> bool:
    """Whether all bytes that look like marks are marks."""
    found = np.frombuffer(data, np.uint8)
    backslashes = data.count(marks.backslash)
    return (
        int(np.count_nonzero(found >= LOWEST)) == rows * marks.width + backslashes
        and int(np.count_nonzero(found == BETWEEN)) == rows * (marks.width - 1)
        and int(np.count_nonzero(found == END[0])) == rows
        and int(np.count_nonzero(found == BACKSLASH)) == backslashes
    )


def _lines(data: Bytes, high: npt.NDArray[np.bool_], marks: Marks, *, has_backslashes: bool) -> bytes:
    if (data < _PRINTED).any() or (data == ord("\\")).any():
        text = _escaped(data.tobytes(), marks)
        has_backslashes = True
        text = text.replace(bytes([BETWEEN]), b"\t").replace(END[:1], b"\n")
        mark = marks.backslash
    else:
        text = (data ^ (high.view(np.uint8) * np.uint8(UPPER))).tobytes()
        mark = bytes([BACKSLASH ^ UPPER]) + marks.backslash[1:]
    if has_backslashes:
        text = text.replace(mark + b"x", b"\\\\x").replace(mark, b"\\")
    return text


def _escaped(text: bytes, marks: Marks) -> bytes:
    if b"\0" in text:
        text = _without_nul(text, marks.backslash + MISFIT[1:].encode() + b"NUL character")
    for character, sequence in _ESCAPES:
        text = text.replace(character, sequence)
    return text


def _without_nul(text: bytes, misfit: bytes) -> bytes:
    between = bytes([BETWEEN])
    return END[:1].join(
        between.join(misfit if b"\0" in value else value for value in line.split(between))
        for line in text.split(END[:1])
    )
