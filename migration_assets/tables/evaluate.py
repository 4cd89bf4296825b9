"""Expressions and the Python hook: typed source values in, text for the target's columns out."""

import importlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from migration_assets.contracts.expression import column_references
from migration_assets.errors import MappingFault
from migration_assets.tables.mapping import Field, read_as
from migration_assets.tables.mapping import Mapping as TableMapping

#: (what DuckDB gives, the target's family) whose text is canonical as it is
_SPELLED = {
    ("BIGINT", "integer"),
    ("INTEGER", "integer"),
    ("SMALLINT", "integer"),
    ("TINYINT", "integer"),
    ("BOOLEAN", "boolean"),
    ("DATE", "date"),
    ("TIMESTAMP", "timestamp"),
    ("TIMESTAMP WITH TIME ZONE", "timestamptz"),
    ("UUID", "uuid"),
    ("BLOB", "bytes"),
}


@dataclass(frozen=True)
class Evaluated:
    """Text by target column, and why some places (0-based) have none."""

    texts: Mapping[str, pa.Array]
    misfits: Mapping[int, tuple[str, str]] = field(default_factory=dict)


def database() -> duckdb.DuckDBPyConnection:
    """A DuckDB that reaches nothing outside of this process, with UTC as its time zone."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'; SET threads = 1; SET memory_limit = '512MB'")
    connection.execute("SET enable_external_access = false; SET lock_configuration = true")
    return connection


class Evaluator:
    """Runs the expressions of one mapping over batches of decoded source columns."""

    def __init__(self, mapping: TableMapping) -> None:
        self._mapping = mapping
        self._fields = [f for f in mapping.fields if f.column.expression is not None]
        self._database = database()
        self._types = [read_as(column) for column in mapping.reading]
        self._select = self._prepared()
        self._hook = _imported(mapping.contract.hook) if mapping.contract.hook else None

    @property
    def busy(self) -> bool:
        """Whether there is anything to evaluate."""
        return bool(self._fields) or self._hook is not None

    def spelled(self, field: Field) -> bool:
        """Whether the text that the expression gives is canonical for the column as it is."""
        return field.column.name in self._spelled

    def evaluate(self, columns: Sequence[pa.Array]) -> Evaluated:
        """Texts for a batch of decoded columns (in the order of `mapping.reading`)."""
        batch = pa.table(dict(zip(self._names(), columns, strict=True)))
        texts, misfits = self._expressions(batch, 0)
        if self._hook is not None:
            texts |= self._hooked(batch)
        return Evaluated(texts, misfits)

    def _names(self) -> list[str]:
        return [column.name for column in self._mapping.reading]

    def _typed(self) -> str:
        return ", ".join(
            f"{_cast(_quoted(name), duck)} AS {_quoted(name)}"
            for name, duck in zip(self._names(), self._types, strict=True)
        )

    def _prepared(self) -> str:
        """The query of all expressions; MappingFault when one does not fit the source's types."""
        empty = pa.table({name: pa.array([], pa.string()) for name in self._names()})
        self._database.register("empty", empty)
        outs: list[str] = []
        spelled: set[str] = set()
        for item in self._fields:
            query = f"DESCRIBE SELECT {item.column.expression} AS v FROM (SELECT {self._typed()} FROM empty)"  # noqa: S608
            try:
                made = str(self._database.execute(query).fetchall()[0][1])
            except duckdb.Error as fault:
                words = str(fault).splitlines()[0]
                raise MappingFault(
                    f"Column {item.column.name} of {self._mapping.contract.name}: its transformLogic does "
                    f"not fit the source's columns: {words}",
                    advice="Correct transformLogic, then run `migrate plan`.",
                ) from None
            if _is_spelled(made, item):
                spelled.add(item.column.name)
            outs.append(f"{_text(f'({item.column.expression})', made, item)} AS {_quoted(item.column.name)}")
        self._spelled = frozenset(spelled)
        unread = [
            f"({_quoted('=' + name)} IS NOT NULL AND {_quoted(name)} IS NULL) AS {_quoted('?' + name)}"
            for name in self._inputs()
        ]
        raw = "".join(f", {_quoted(name)} AS {_quoted('=' + name)}" for name in self._names())
        select = ", ".join(outs + unread) or "1"
        return f"SELECT {select} FROM (SELECT {self._typed()}{raw} FROM batch)"  # noqa: S608

    def _inputs(self) -> list[str]:
        """Columns that the expressions read as something other than text."""
        named = {n.lower() for f in self._fields for n in column_references(f.column.expression or "")}
        return [
            name
            for name, duck in zip(self._names(), self._types, strict=True)
            if name.lower() in named and duck != "VARCHAR"
        ]

    def _expressions(
        self, batch: pa.Table, offset: int
    ) -> tuple[dict[str, pa.Array], dict[int, tuple[str, str]]]:
        if not self._fields:
            return {}, {}
        self._database.register("batch", batch)
        try:
            made = self._database.sql(self._select).to_arrow_table()
        except duckdb.Error as fault:
            return self._halved(batch, offset, type(fault).__name__)
        misfits: dict[int, tuple[str, str]] = {}
        for name, duck in zip(self._names(), self._types, strict=True):
            if f"?{name}" in made.column_names:
                places = made.column(f"?{name}").to_pandas().to_numpy().nonzero()[0]
                for place in places:
                    misfits[offset + int(place)] = (name, f"source column {name} cannot be read as {duck}")
        texts = {
            f.column.name: made.column(f.column.name).combine_chunks().cast(pa.string()) for f in self._fields
        }
        return texts, misfits

    def _halved(
        self, batch: pa.Table, offset: int, fault: str
    ) -> tuple[dict[str, pa.Array], dict[int, tuple[str, str]]]:
        """DuckDB fails a batch as a whole: halve it until the rows that fail stand alone."""
        if len(batch) == 1:
            texts = {f.column.name: pa.array([None], pa.string()) for f in self._fields}
            return texts, {offset: (self._culprit(batch), f"the transformLogic fails on it ({fault})")}
        middle = len(batch) // 2
        first, first_misfits = self._expressions(batch.slice(0, middle), offset)
        second, second_misfits = self._expressions(batch.slice(middle), offset + middle)
        joined = {name: pa.concat_arrays([first[name], second[name]]) for name in first}
        return joined, first_misfits | second_misfits

    def _culprit(self, row: pa.Table) -> str:
        """The column whose expression fails on this one row."""
        self._database.register("batch", row)
        for item in self._fields:
            try:
                self._database.execute(
                    f"SELECT {item.column.expression} FROM (SELECT {self._typed()} FROM batch)"  # noqa: S608
                ).fetchall()
            except duckdb.Error:
                return item.column.name
        return self._fields[0].column.name

    def _hooked(self, batch: pa.Table) -> dict[str, pa.Array]:
        """What the hook makes; MappingFault when it loses or adds rows, or fails."""
        assert self._hook is not None
        name = self._mapping.contract.hook
        self._database.register("batch", batch)
        typed = self._database.sql(f"SELECT {self._typed()} FROM batch").to_arrow_table()  # noqa: S608
        try:
            frame: Any = self._hook(typed.to_pandas(types_mapper=pd.ArrowDtype))
        except Exception as fault:
            raise MappingFault(
                f"The transform {name} failed with {type(fault).__name__} (its words are left out: "
                "they may hold row values).",
                advice="Correct it and materialize `transformed` again.",
            ) from None
        if not isinstance(frame, pd.DataFrame) or list(frame.index) != list(range(len(batch))):
            raise MappingFault(
                f"The transform {name} must return a DataFrame with the same index as it was given.",
                advice="Filter rows by `from.where`, or refuse them by rules; correct it and run again.",
            )
        targets = {f.column.name for f in self._mapping.fields}
        return {
            str(column): pa.array([text(value) for value in frame[column].tolist()], pa.string())
            for column in frame.columns
            if column in targets
        }


def text(value: Any) -> str | None:
    """A Python value as text that says it exactly; None for every kind of missing value."""
    match value:
        case None:
            return None
        case bool():
            return "t" if value else "f"
        case float():
            return None if value != value else repr(value)
        case Decimal():
            return format(value, "f")
        case bytes() | bytearray() | memoryview():
            return "\\x" + bytes(value).hex()
        case datetime():
            return None if pd.isna(value) else value.isoformat(sep=" ")
        case dict() | list():
            return json.dumps(value, ensure_ascii=False, default=str)
        case _:
            return None if pd.isna(value) else str(value)


def _imported(path: str) -> Callable[[pd.DataFrame], pd.DataFrame]:
    module, _, name = path.partition(":")
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as fault:
        raise MappingFault(
            f"The transform {path} cannot be imported ({type(fault).__name__}).",
            advice="Correct `migration.transform`, then run `migrate contracts check`.",
        ) from None


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _cast(name: str, duck: str) -> str:
    if duck == "VARCHAR":
        return name
    if duck == "BLOB":
        return f"CASE WHEN {name} LIKE '\\x%' THEN unhex(substr({name}, 3)) END"
    if duck in ("DATE", "TIMESTAMP", "TIMESTAMPTZ"):
        return f"TRY_CAST(replace({name}, ' BC', ' (BC)') AS {duck})"
    if duck.startswith("DECIMAL"):
        # a cast to DECIMAL rounds; only what it holds exactly is read
        scale = duck.rstrip(")").split(",")[1]
        return (
            f"CASE WHEN regexp_full_match({name}, '[-+]?[0-9]*(\\.[0-9]{{0,{scale}}}0*)?') "
            f"THEN TRY_CAST({name} AS {duck}) END"
        )
    if duck == "BIGINT":
        return f"CASE WHEN regexp_full_match({name}, '[-+]?[0-9]+') THEN TRY_CAST({name} AS BIGINT) END"
    return f"TRY_CAST({name} AS {duck})"


def _text(expression: str, made: str, item: Field) -> str:
    if made == "BOOLEAN":
        return f"CASE {expression} WHEN true THEN 't' WHEN false THEN 'f' END"
    if made == "BLOB":
        return f"'\\x' || lower(hex({expression}))"
    if made == "DATE" or made.startswith("TIMESTAMP"):
        return f"replace(CAST({expression} AS VARCHAR), ' (BC)', ' BC')"
    if made.startswith("DECIMAL(") and item.pgtype.family == "numeric" and item.pgtype.precision is not None:
        width, scale = (int(part) for part in made[8:-1].split(","))
        if 0 <= item.pgtype.scale <= 38 - (width - scale):
            wanted = f"CAST({expression} AS DECIMAL(38,{item.pgtype.scale}))"
            # only where nothing is rounded away; else the text says that there is too much
            return f"CASE WHEN {wanted} = {expression} THEN {wanted}::VARCHAR ELSE {expression}::VARCHAR END"
    if made.endswith("[]") or made.startswith(("STRUCT", "MAP", "JSON")):
        return f"CAST(to_json({expression}) AS VARCHAR)"
    return f"CAST({expression} AS VARCHAR)"


def _is_spelled(made: str, item: Field) -> bool:
    family, pgtype = item.pgtype.family, item.pgtype
    if (made, family) in _SPELLED:
        whole = family in ("timestamp", "timestamptz")
        narrow = {"TINYINT": 16, "SMALLINT": 16, "INTEGER": 32, "BIGINT": 64}
        bits = {"smallint": 16, "integer": 32, "bigint": 64}
        if family == "integer":
            return narrow[made] <= bits[pgtype.name]
        return not whole or pgtype.precision in (None, 6)
    if made.startswith("DECIMAL(") and family == "numeric" and pgtype.precision is not None:
        width, scale = (int(part) for part in made[8:-1].split(","))
        return scale == pgtype.scale and width <= pgtype.precision
    return False
