"""Limits of a column, judged by its type: what could never hold, or never be compared."""

import re
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from migration_assets.contracts import pgtypes
from migration_assets.contracts.conformity import is_number
from migration_assets.contracts.findings import Note, cut, meant
from migration_assets.contracts.model import Column
from migration_assets.contracts.pgtypes import PgType
from migration_assets.contracts.yaml_text import Path

RANGE = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
LENGTH = ("minLength", "maxLength")
_KNOWN = frozenset((*RANGE, *LENGTH, "multipleOf", "pattern", "format", "timezone", "defaultTimezone"))
_NUMBERS = ("integer", "numeric", "float")
_TEXTS = ("text", "char")


def judge(column: Column, path: Path, note: Note) -> None:
    """Notes every option and every value of the enumeration that does not fit the column's type."""
    pgtype = pgtypes.parse(column.type)
    if column.options:
        _options(column, pgtype, (*path, "logicalTypeOptions"), note)
    read = _READERS.get(pgtype.family)
    for at, value in enumerate(column.enum):
        where = (*path, "enum", at, "value")
        if read is not None and not _reads(read, value):
            note(where, f"`{cut(value)}` is no value of the type {column.type}", "")
        elif pgtype.length is not None and pgtype.family in _TEXTS and len(value) > pgtype.length:
            note(where, f"`{cut(value)}` is longer than {column.type}", "")


def _options(column: Column, pgtype: PgType, path: Path, note: Note) -> None:
    options, family = column.options, pgtype.family
    for name, value in options.items():
        where = (*path, name)
        if name not in _KNOWN:
            # the standard knows more of them where the logical type is said
            if column.logical_type is None:
                note(where, f"`{cut(name)}` is not known here", meant(name, _KNOWN))
        elif name in RANGE:
            _limit(value, pgtype, where, note)
        elif name == "multipleOf":
            if family not in _NUMBERS or not is_number(value) or value <= 0:  # type: ignore[operator]
                note(
                    where,
                    f"a {column.type} is no multiple of {cut(value)}",
                    "Take it out, or a number above 0.",
                )
        elif name in LENGTH:
            if family not in _TEXTS or not isinstance(value, int) or isinstance(value, bool) or value < 0:
                note(where, f"{cut(value)} is no length of a {column.type}", "It is for text, from 0 on.")
        elif name == "pattern":
            _pattern(value, family, where, note)
    for low, high in (("minimum", "maximum"), LENGTH):
        _order(options.get(low), options.get(high), (*path, high), note)


def _limit(value: Any, pgtype: PgType, path: Path, note: Note) -> None:
    family = pgtype.family
    if family in _NUMBERS:
        if not is_number(value):
            note(
                path,
                f"`{cut(value)}` is no number, as the column is",
                "Write it as 12 or 0.5, without quotes.",
            )
    elif family in _MOMENTS:
        if not isinstance(value, str) or not _reads(_READERS[family], value):
            note(path, f"`{cut(value)}` is no {pgtype}, as the column is", f"Write it as {_MOMENTS[family]}.")
    elif family != "other":
        note(
            path,
            f"a {pgtype} has no {path[-1]}",
            "Take it out, or write the rule in SQL as a `quality` entry.",
        )


def _pattern(value: Any, family: str, path: Path, note: Note) -> None:
    if family not in (*_TEXTS, "uuid", "other"):
        note(path, "a pattern is for text, and the column is none", "Take it out.")
        return
    try:
        re.compile(str(value))
    except re.error as fault:
        note(path, f"it is no regular expression: {fault.msg}", "")


def _order(low: Any, high: Any, path: Path, note: Note) -> None:
    comparable = (is_number(low) and is_number(high)) or (isinstance(low, str) and isinstance(high, str))
    if comparable and low > high:
        note(path, f"nothing is between {cut(low)} and {cut(high)}", "")


def _reads(read: Callable[[str], object], text: str) -> bool:
    try:
        read(text)
    except (ValueError, InvalidOperation):
        return False
    return True


def _whole(text: str) -> int:
    if not re.fullmatch(r"[-+]?[0-9]+", text):
        raise ValueError(text)
    return int(text)


def _truth(text: str) -> bool:
    if text.lower() not in ("true", "false", "t", "f"):
        raise ValueError(text)
    return text.lower().startswith("t")


_READERS: dict[str, Callable[[str], object]] = {
    "integer": _whole,
    "numeric": Decimal,
    "float": float,
    "boolean": _truth,
    "date": date.fromisoformat,
    "timestamp": datetime.fromisoformat,
    "timestamptz": datetime.fromisoformat,
    "time": time.fromisoformat,
    "timetz": time.fromisoformat,
    "uuid": UUID,
}
_MOMENTS = {
    "date": "2019-01-31",
    "timestamp": "2019-01-31T05:00:00",
    "timestamptz": "2019-01-31T05:00:00Z",
    "time": "05:00:00",
    "timetz": "05:00:00Z",
}
