"""What `migration.partitions` says, and whether such partitions can be found again in the target."""

import re
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from migration_assets.contracts import nodes, pgtypes
from migration_assets.contracts.carrying import carried
from migration_assets.contracts.findings import Note, cut, meant
from migration_assets.contracts.model import (
    GRAINS,
    ByKey,
    ByTime,
    ByValue,
    Column,
    Contract,
    Partitioning,
    Whole,
)
from migration_assets.contracts.nodes import Node
from migration_assets.contracts.yaml_text import Path

_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2})?)?")
_TIMES = ("date", "timestamp", "timestamptz")
_KEYS = ("integer", "numeric", "text", "char", "uuid", "other")
_CARRY = "Carry the column untouched, or partition by another one."


def partitioning(said: Node, path: Path, first_key: str | None, note: Note) -> Partitioning:
    """The partitions asked for; one for the whole table where nothing (or nothing sensible) is said."""
    by, column = said.get("by"), nodes.text(said, "column")
    if by in GRAINS:
        return _by_time(said, path, by, column, note) if column and "start" in said else Whole()
    if by == "value" and column:
        return ByValue(column, tuple(nodes.written(value) for value in nodes.items(said, "values")))
    if by == "key":
        rows = said.get("rows")
        if not column and first_key is None:
            note(path, "there is no primary key whose ranges could be taken", "Say `column`.")
        if isinstance(rows, int) and rows > 0 and (column or first_key):
            return ByKey(column or first_key or "", rows)
    return Whole()


def judge(contract: Contract, path: Path, note: Note) -> None:
    """Notes why rows of a partition could not be found again in the target."""
    how = contract.partitioning
    if isinstance(how, Whole):
        return
    carrier = carried(contract.columns, how.column)
    if carrier is None:
        _not_carried(contract, how.column, (*path, "column"), note)
        return
    family = pgtypes.parse(carrier.type).family
    if isinstance(how, ByTime):
        if family not in _TIMES:
            what = f"{carrier.name} is a {carrier.type}, and windows are of a date or a timestamp"
            note((*path, "column"), what, "Partition by another column, by key or by value.")
    elif isinstance(how, ByKey):
        if family not in _KEYS:
            note(
                (*path, "column"),
                f"{carrier.name} is a {carrier.type}, of which no key ranges are made",
                _RANGES,
            )
    elif family not in (*_KEYS, "date"):
        note(
            (*path, "column"),
            f"{carrier.name} is a {carrier.type}, of which no values are told apart",
            _RANGES,
        )
    else:
        _values(how, carrier, (*path, "values"), note)


_RANGES = "Partition by a whole number or a text, or a date by day, month or year."


def _by_time(said: Node, path: Path, grain: Any, column: str, note: Note) -> Partitioning:
    start = moment(said["start"], (*path, "start"), note)
    end = moment(said["end"], (*path, "end"), note) if "end" in said else None
    if start is None:
        return Whole()
    if end is not None and end <= start:
        note((*path, "end"), "it is not after `start`", "The rows of `end` itself are not meant any more.")
        end = None
    return ByTime(grain, column, start, end)


def moment(value: Any, path: Path, note: Note) -> datetime | None:
    text = nodes.written(value)
    try:
        if not _MOMENT.fullmatch(text):
            raise ValueError(text)
        return datetime.fromisoformat(text)
    except ValueError:
        what = f"`{cut(text)}` is no day and no time of one"
        note(path, what, "Write it as 2019-01-31 or 2019-01-31T05:00, in UTC.")
        return None


def _not_carried(contract: Contract, name: str, path: Path, note: Note) -> None:
    known = {source for column in contract.columns for source in column.sources}
    known |= {column.name for column in contract.columns}
    if name in known:
        what = f"{name} does not reach the target untouched"
        note(path, f"{what}: rows of a partition could not be found again in the target", _CARRY)
    else:
        what = f"no column of the contract is, or is made from, {name}"
        note(
            path,
            f"{what}: rows of a partition could not be found again in the target",
            meant(name, known) or _CARRY,
        )


def _values(how: ByValue, carrier: Column, path: Path, note: Note) -> None:
    family = pgtypes.parse(carrier.type).family
    seen: set[object] = set()
    for at, text in enumerate(how.values):
        try:
            value: object = text
            if family == "integer":
                value = int(text)
            elif family == "numeric":
                value = Decimal(text)
        except (ValueError, InvalidOperation):
            note((*path, at), f"`{cut(text)}` is no {carrier.type}, as {carrier.name} is", "")
            continue
        if value in seen:
            note((*path, at), f"`{cut(text)}` stands here twice", "Keep one.")
        seen.add(value)
