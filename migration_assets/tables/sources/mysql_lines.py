"""What is selected from MySQL for a reading, and its rows as lines of COPY text."""

from collections.abc import Callable, Iterator, Sequence

from migration_assets.errors import MappingFault
from migration_assets.tables.sources.base import Reading
from migration_assets.tables.sources.mysql_bounds import quoted
from migration_assets.tables.sources.mysql_fields import BINARY, OVERFLOWN, field, raw
from migration_assets.tables.sources.mysql_packets import CellMissing, Cells
from migration_assets.tables.sources.mysql_types import Raw, declared
from migration_assets.tables.sources.rowwise import NULL, escaped, in_hex

Row = tuple[bytes | None, ...]


def selected(reading: Reading, *, mariadb: bool) -> tuple[list[str], list[Raw]]:
    """What is selected, and how each second one of it, a raw column, is written.

    Without raw columns it is the line alone; with them `part of a line, raw, part, raw, …, end`."""
    parts: list[str] = []
    kinds: list[Raw] = []
    line: list[str] = []
    for place, column in enumerate(reading.columns):
        name = quoted(column.name)
        if place:
            line.append("0x09")
        if kind := declared(column).raw:
            parts += [_concatenated(line), raw(column, name)]
            kinds.append(kind)
            line = []
        else:
            line.append(field(column, name, mariadb=mariadb, zero_as_null=reading.zero_dates_as_null))
    return [*parts, _concatenated([*line, "0x0a"])], kinds


def lines(rows: Iterator[Row], kinds: Sequence[Raw]) -> Iterator[bytes]:
    """The rows of what is selected, each as its line."""
    return _with_raws(rows, kinds) if kinds else _alone(rows)


def _concatenated(line: Sequence[str]) -> str:
    return f"CONCAT({', '.join([BINARY, *line])})"


def _alone(rows: Iterator[Row]) -> Iterator[bytes]:
    for (line,) in rows:
        if line is None:
            raise _too_long()
        yield line


def present(blocks: Iterator[Cells]) -> Iterator[Cells]:
    """The same; MappingFault where a cell is missing."""
    try:
        yield from blocks
    except CellMissing:
        raise _too_long() from None


def _with_raws(rows: Iterator[Row], kinds: Sequence[Raw]) -> Iterator[bytes]:
    spellings = [_SPELLINGS[kind] for kind in kinds]
    for row in rows:
        line: list[bytes] = []
        for part, value, spell in zip(row[:-1:2], row[1::2], spellings, strict=True):
            if part is None or value == OVERFLOWN:
                raise _too_long()
            line += [part, _NULL if value is None else spell(value)]
        if (end := row[-1]) is None:
            raise _too_long()
        yield b"".join([*line, end])


def _too_long() -> MappingFault:
    return MappingFault(
        "A row of the source is longer than its server may build it.",
        advice="Raise `max_allowed_packet` on the source's server.",
    )


_NULL = NULL.encode()


def _text(value: bytes) -> bytes:
    """Bytes that are no UTF-8 stay as they are: they are looked for in the whole piece."""
    return escaped(value.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


def _bytes(value: bytes) -> bytes:
    return in_hex(value).encode()


def _shape(value: bytes) -> bytes:
    """Extended WKB, which keeps the reference system; the server's own form has its number in front."""
    srid, order, kind, rest = value[:4], value[4:5], value[5:9], value[9:]
    if srid == b"\0\0\0\0":
        return _bytes(order + kind + rest)
    return _bytes(order + kind[:3] + bytes([kind[3] | 0x20]) + srid + rest)


_SPELLINGS: dict[Raw, Callable[[bytes], bytes]] = {"text": _text, "bytes": _bytes, "shape": _shape}
