"""Expressions and the Python hook: typed source values in, text for the target's columns out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from migration_assets.contracts.expression import column_references
from migration_assets.errors import MappingFault
from migration_assets.tables.copy_text import pc
from migration_assets.tables.duckdb_text import is_canonical, printed, quoted, read
from migration_assets.tables.hook import applied, imported, text
from migration_assets.tables.mapping import Field, read_as
from migration_assets.tables.mapping import Mapping as TableMapping


@dataclass(frozen=True)
class Evaluated:
    """Text by target column, and why some places (0-based) have none."""

    texts: Mapping[str, pa.Array]
    misfits: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    #: columns whose text is the target's own as it is
    canonical: frozenset[str] = frozenset()


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
        self._hook = imported(mapping.contract.hook) if mapping.contract.hook else None

    @property
    def busy(self) -> bool:
        """Whether there is anything to evaluate."""
        return bool(self._fields) or self._hook is not None

    def evaluate(self, columns: Sequence[pa.Array]) -> Evaluated:
        """Texts for a batch of decoded columns (in the order of `mapping.reading`)."""
        batch = pa.table(dict(zip(self._names(), columns, strict=True)))
        texts, misfits = self._expressions(batch, 0)
        if self._hook is None:
            return Evaluated(texts, misfits, self._spelled)
        hooked, unread = self._hooked(batch)
        return Evaluated(texts | hooked, unread | misfits, self._spelled - hooked.keys())

    @cached_property
    def _mark(self) -> str:
        """What no name of the source's or the target's columns begins with."""
        names = [*self._names(), *(f.column.name for f in self._mapping.fields)]
        return "=" * (1 + max(len(name) - len(name.lstrip("=")) for name in names))

    def _marked(self, name: str) -> str:
        """Another column beside the one of that name: its raw text, or whether it could be read."""
        return quoted(self._mark + name)

    def _names(self) -> list[str]:
        return [column.name for column in self._mapping.reading]

    def _typed(self) -> str:
        return ", ".join(
            f"{read(quoted(column.name), duck, promised=column.carries is not None)} AS {quoted(column.name)}"
            for column, duck in zip(self._mapping.reading, self._types, strict=True)
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
            if is_canonical(made, item.pgtype):
                spelled.add(item.column.name)
            outs.append(
                f"{printed(f'({item.column.expression})', made, item.pgtype)} AS {quoted(item.column.name)}"
            )
        self._spelled = frozenset(spelled)
        unread = [
            f"({self._marked(name)} IS NOT NULL AND {quoted(name)} IS NULL) AS {self._marked(name)}"
            for name in self._inputs()
        ]
        raw = "".join(f", {quoted(name)} AS {self._marked(name)}" for name in self._names())
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
            if self._mark + name in made.column_names:
                places = made.column(self._mark + name).to_pandas().to_numpy().nonzero()[0]
                for place in places:
                    misfits[offset + int(place)] = (name, _unread(name, duck))
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

    def _hooked(self, batch: pa.Table) -> tuple[dict[str, pa.Array], dict[int, tuple[str, str]]]:
        """What the hook makes, and the places whose values it could not be given."""
        assert self._hook is not None
        self._database.register("batch", batch)
        typed = self._database.sql(f"SELECT {self._typed()} FROM batch").to_arrow_table()  # noqa: S608
        misfits: dict[int, tuple[str, str]] = {}
        for name, duck in zip(self._names(), self._types, strict=True):
            lost = pc.and_(pc.is_null(typed.column(name)), pc.is_valid(batch.column(name)))
            for place in pc.indices_nonzero(lost).to_pylist():
                misfits[place] = (name, _unread(name, duck))
        path = self._mapping.contract.hook or ""
        frame = applied(self._hook, path, typed.to_pandas(types_mapper=pd.ArrowDtype))
        made = {
            f.column.name: self._hooked_texts(frame[f.column.name], f)
            for f in self._mapping.fields
            if f.column.name in frame.columns
        }
        return made, misfits

    def _hooked_texts(self, values: Any, item: Field) -> pa.Array:
        """Arrow's values by DuckDB, as Python has no dates before Christ and no infinity among them."""
        if not isinstance(values.dtype, pd.ArrowDtype):
            return pa.array([text(value) for value in values.tolist()], pa.string())
        self._database.register("hooked", pa.table({"v": pa.chunked_array(values.array.__arrow_array__())}))
        made = str(self._database.execute("DESCRIBE SELECT v FROM hooked").fetchall()[0][1])
        shown = self._database.sql(f"SELECT {printed('v', made, item.pgtype)} AS v FROM hooked")  # noqa: S608
        return shown.to_arrow_table().column("v").combine_chunks().cast(pa.string())


def _unread(name: str, duck: str) -> str:
    return f"source column {name} cannot be read as {duck}"
