"""Mapping: which field of the source becomes which field of the target, and what has to be looked at.

Pure: a contract and the source's table in, a plan for each row out.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from migration_assets.checks.rules import Rule, rules
from migration_assets.contracts import pgtypes
from migration_assets.contracts.expression import column_references
from migration_assets.contracts.model import Column, Contract
from migration_assets.contracts.pgtypes import PgType
from migration_assets.errors import MappingFault
from migration_assets.tables.drift import drifted
from migration_assets.tables.sources.base import SourceColumn, SourceTable
from migration_assets.tables.trust import trusted


@dataclass(frozen=True)
class Field:
    """One field of a target row."""

    column: Column
    pgtype: PgType
    #: place in the staged line of the source; None when an expression or the hook makes it
    place: int | None
    #: its text is loaded as it came, without a look
    trusted: bool


@dataclass(frozen=True)
class Mapping:
    """How staged lines of the source become lines of the target."""

    contract: Contract
    #: the fields of a staged source line, in order
    reading: tuple[SourceColumn, ...]
    #: the fields of a target line, in order
    fields: tuple[Field, ...]
    #: rules that the source's own constraints do not already prove
    rules: tuple[Rule, ...]
    required: tuple[str, ...]

    @property
    def rearranges(self) -> bool:
        """Whether a target line is made of other fields than the staged line, or in another order."""
        return (
            self.contract.hook is not None
            or len(self.reading) != len(self.fields)
            or any(field.place != place for place, field in enumerate(self.fields))
        )

    @property
    def maps(self) -> bool:
        """Whether a target line can differ from the staged line."""
        return self.rearranges or not all(field.trusted for field in self.fields)

    @property
    def looks(self) -> bool:
        """Whether any row has to be read at all."""
        return self.maps or bool(self.rules or self.required)


def mapping(contract: Contract, table: SourceTable) -> Mapping:
    """The mapping; MappingFault with every column that does not fit."""
    faults: list[str] = []
    reading: list[SourceColumn] = []

    def place_of(name: str, column: Column) -> int | None:
        found = table.column(name)
        if found is None:
            faults.append(
                f"column {column.name}: the source's table {table.name} has no column {name}"
                f"{_alike(name, (c.name for c in table.columns))}"
            )
            return None
        if found not in reading:
            reading.append(found)
        return reading.index(found)

    fields: list[Field] = []
    for column in contract.columns:
        pgtype = pgtypes.parse(column.type)
        place = None
        if column.untouched and not (contract.hook and table.column(column.sources[0]) is None):
            place = place_of(column.sources[0], column)
        sure = place is not None and trusted(reading[place].carries, pgtype)
        if place is not None and _read_otherwise(reading[place].carries, pgtype):
            faults.append(
                f"column {column.name}: the source's {reading[place].declared} would be read as something "
                f"else by {pgtype}; say in transformLogic what it becomes"
            )
        fields.append(Field(column, pgtype, place, sure))
    for column in contract.columns:
        if column.expression is not None:
            try:
                named = column_references(column.expression)
            except ValueError as fault:
                faults.append(f"column {column.name}: transformLogic cannot be read: {fault}")
                continue
            for name in named:
                place_of(name, column)
        elif len(column.sources) > 1 and not contract.hook:
            faults.append(f"column {column.name}: several source columns need a transformLogic")
    if contract.hook:
        reading += [column for column in table.columns if column not in reading]
    if not reading:
        reading += table.columns[:1]
    if contract.hook or any(column.expression is not None for column in contract.columns):
        faults += _same_name(reading)
    faults += drifted(contract, table)
    if faults:
        raise MappingFault(
            f"The contract {contract.name} does not fit its source:\n"
            + "\n".join(f"  {fault}" for fault in faults)
            + "\n",
            advice="Correct transformSourceObjects or transformLogic, then run `migrate plan`.",
        )
    return Mapping(
        contract,
        tuple(reading),
        tuple(fields),
        tuple(rule for rule in rules(contract) if not _proven(rule, fields, reading, table)),
        tuple(
            field.column.name
            for field in fields
            if field.column.required
            and (field.place is None or reading[field.place].nullable or not field.trusted)
        ),
    )


def _read_otherwise(carries: str | None, target: PgType) -> bool:
    """Whether the text of one type means another value to the other one.

    numbers                    bits, but for one bit      10 is ten, and not two
    bits, but for one bit      numbers                    likewise
    bytes                      text                       \\x6869 are two characters
    all but text               bytes                      65 is not the bytes of its digits
    arrays of real             of double precision        0.1 are not the same digits in both
    """
    if carries is None:
        return False
    source, one_bit = pgtypes.parse(carries), PgType("bit", (1,))
    if source.array and target.array:
        return (source.name, target.name) == ("real", "double precision")
    if trusted(carries, target):
        return False
    match source.family, target.family:
        case (("integer" | "numeric" | "float"), "bit"):
            return target != one_bit
        case "bit", ("integer" | "numeric" | "float"):
            return source != one_bit
        case "bytes", ("text" | "char"):
            return True
        case family, "bytes":
            return family not in ("text", "char", "json", "jsonb")
        case _:
            return False


def _proven(rule: Rule, fields: Iterable[Field], reading: list[SourceColumn], table: SourceTable) -> bool:
    unique = rule.kind == "unique" and rule.tolerance is None
    return unique and is_proven(rule.columns, fields, reading, table)


def is_proven(
    columns: Iterable[str], fields: Iterable[Field], reading: Sequence[SourceColumn], table: SourceTable
) -> bool:
    """Whether the source keeps these columns unique, and they arrive as they are."""
    of = {field.column.name: field for field in fields}
    places = [of[name].place if of[name].trusted else None for name in columns]
    names = {reading[place].name for place in places if place is not None}
    kept = (table.primary_key, *table.unique)
    return None not in places and any(key and set(key) <= names for key in kept)


def _same_name(reading: list[SourceColumn]) -> list[str]:
    """DuckDB's names ignore case."""
    seen: dict[str, str] = {}
    faults: list[str] = []
    for column in reading:
        other = seen.setdefault(column.name.lower(), column.name)
        if other != column.name:
            faults.append(f"the source's columns {other} and {column.name} differ in case alone")
    return faults


def _alike(name: str, names: Iterable[str]) -> str:
    plain = re.sub(r"\W|_", "", name).lower()
    near = [other for other in names if re.sub(r"\W|_", "", other).lower() == plain]
    return f" (there is {near[0]})" if near else ""


#: DuckDB's type for a value that an expression or the hook reads, by the family of its text
_READ_AS = {
    "integer": "BIGINT",
    "float": "DOUBLE",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
    "timestamptz": "TIMESTAMPTZ",
    "time": "TIME",
    "bytes": "BLOB",
    "uuid": "UUID",
}
_DECLARED = (
    (re.compile(r"int|serial", re.I), "BIGINT"),
    (re.compile(r"(?:numeric|decimal|number)\s*\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)", re.I), "DECIMAL"),
    (re.compile(r"real|floa|doub", re.I), "DOUBLE"),
    (re.compile(r"bool", re.I), "BOOLEAN"),
    (re.compile(r"datetime|timestamp", re.I), "TIMESTAMP"),
    (re.compile(r"\bdate\b", re.I), "DATE"),
    (re.compile(r"blob|binary|bytea", re.I), "BLOB"),
)


def read_as(column: SourceColumn) -> str:
    """DuckDB's type for the column's values in expressions; VARCHAR where none is sure to hold them."""
    if column.carries is not None:
        pgtype = pgtypes.parse(column.carries)
        if pgtype.family == "numeric":
            exact = pgtype.precision is not None and pgtype.precision <= 38 and 0 <= pgtype.scale <= 38
            return (
                f"DECIMAL({max(pgtype.precision or 0, pgtype.scale)},{pgtype.scale})" if exact else "VARCHAR"
            )
        return "FLOAT" if pgtype.name == "real" else _READ_AS.get(pgtype.family, "VARCHAR")
    for shape, duck in _DECLARED:
        if found := shape.search(column.declared):
            if duck == "DECIMAL":
                width, scale = int(found[1]), int(found[2] or 0)
                return f"DECIMAL({width},{scale})" if width <= 38 else "VARCHAR"
            return duck
    return "VARCHAR"
