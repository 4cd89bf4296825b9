"""Keys of lines of COPY text, taken from few lines without a look at the others."""

from collections.abc import Sequence

from migration_assets.contracts.model import Contract

Key = tuple[bytes, ...]

_ESCAPED = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v", b"\\": b"\\"}


def key_places(contract: Contract, columns: Sequence[str]) -> tuple[int, ...]:
    """Where the primary key's fields are in lines of these columns."""
    return tuple(columns.index(name) for name in contract.primary_key)


def fields_of(line: bytes) -> list[bytes]:
    """A line's escaped fields."""
    return line.removesuffix(b"\n").split(b"\t")


def key_of(line: bytes, places: Sequence[int]) -> Key:
    fields = fields_of(line)
    return tuple(fields[place] for place in places)


def plain(field: bytes) -> str:
    """The text that an escaped field stands for; NULL is for the caller."""
    if b"\\" not in field:
        return field.decode("utf-8", "replace")
    parts = field.split(b"\\\\")
    for letter, character in _ESCAPED.items():
        if letter != b"\\":
            parts = [part.replace(b"\\" + letter, character) for part in parts]
    return b"\\".join(parts).decode("utf-8", "replace")


def value_of(field: bytes) -> str | None:
    return None if field == b"\\N" else plain(field)
