"""Expressions of one mapping, as queries of DuckDB over tables of staged text."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import duckdb
import pyarrow as pa

from migration_assets.contracts.expression import column_references, repeatable
from migration_assets.errors import MappingFault
from migration_assets.tables.copy_text import pc
from migration_assets.tables.duckdb_text import is_canonical, printed, quoted
from migration_assets.tables.mapping import Field, Mapping
from migration_assets.tables.reading_sql import ReadingSql

#: by row: the column, and why it has no value there
Misfits = dict[int, tuple[str, str]]


@dataclass(frozen=True)
class Expression:
    """One target column's expression."""

    name: str
    #: as the contract has it, and with its result as text
    written: str
    printed: str
    #: what it gives is the target's own text as it is
    canonical: bool
    #: places in `mapping.reading` of the columns that it names
    named: tuple[int, ...]
    #: the result is the same wherever these columns have the same values
    repeatable: bool


class Expressions:
    """Runs any of a mapping's expressions over tables of decoded text, under the source's names."""

    def __init__(self, mapping: Mapping, opened: Callable[[], duckdb.DuckDBPyConnection]) -> None:
        self._mapping = mapping
        self._opened = opened
        self._sql = ReadingSql(mapping)
        self.all = tuple(
            self._prepared(item) for item in mapping.fields if item.column.expression is not None
        )

    @cached_property
    def _database(self) -> duckdb.DuckDBPyConnection:
        """Opened for the first expression; a mapping without any needs none."""
        empty = pa.table({name: pa.array([], pa.string()) for name in self._sql.names})
        database = self._opened()
        database.register("empty", empty)
        return database

    def _prepared(self, item: Field) -> Expression:
        """MappingFault when it does not fit the source's types."""
        written = item.column.expression or ""
        everything = range(len(self._sql.names))
        query = f"DESCRIBE SELECT {written} AS v FROM ({self._sql.typed('empty', everything)})"  # noqa: S608
        try:
            made = str(self._database.execute(query).fetchall()[0][1])
        except duckdb.Error as fault:
            words = str(fault).splitlines()[0]
            raise MappingFault(
                f"Column {item.column.name} of {self._mapping.contract.name}: its transformLogic does "
                f"not fit the source's columns: {words}",
                advice="Correct transformLogic, then run `migrate plan`.",
            ) from None
        named = {name.lower() for name in column_references(written)}
        return Expression(
            item.column.name,
            written,
            f"{printed(f'({written})', made, item.pgtype)} AS {quoted(item.column.name)}",
            is_canonical(made, item.pgtype),
            tuple(place for place in everything if self._sql.names[place].lower() in named),
            repeatable(written),
        )

    def places(self, some: Sequence[Expression]) -> list[int]:
        """The columns that a table for these expressions has to have, at least one."""
        if not all(one.repeatable for one in some):
            return list(range(len(self._sql.names)))
        return sorted({place for one in some for place in one.named}) or [0]

    def table(self, places: Sequence[int], columns: Sequence[pa.Array]) -> pa.Table:
        return pa.table({self._sql.names[place]: c for place, c in zip(places, columns, strict=True)})

    def exactly(self, some: Sequence[Expression], table: pa.Table) -> dict[str, pa.Array] | None:
        """Texts by target column; None when any row has a misfit."""
        try:
            made = self._run(some, table)
        except duckdb.Error:
            return None
        return None if self._unread(made) else self._texts(some, made)

    def each(self, some: Sequence[Expression], table: pa.Table) -> tuple[dict[str, pa.Array], Misfits]:
        """Texts by target column, and why some rows have none."""
        return self._rows(some, table, 0)

    def _run(self, some: Sequence[Expression], table: pa.Table) -> pa.Table:
        places = [self._sql.names.index(name) for name in table.column_names]
        named = {place for one in some for place in one.named}
        looked_at = [p for p in places if p in named and self._sql.types[p] != "VARCHAR"]
        select = ", ".join([one.printed for one in some] + [self._sql.unread(place) for place in looked_at])
        self._database.register("batch", table)
        query = f"SELECT {select} FROM ({self._sql.typed('batch', places, looked_at)})"  # noqa: S608
        return self._database.sql(query).to_arrow_table()

    def _unread(self, made: pa.Table) -> Misfits:
        misfits: Misfits = {}
        for place, name in enumerate(self._sql.names):
            marked = self._sql.mark + name
            if marked in made.column_names and pc.any(made.column(marked)).as_py():
                for row in pc.indices_nonzero(made.column(marked)).to_pylist():
                    misfits[row] = self._sql.complaint(place)
        return misfits

    def _texts(self, some: Sequence[Expression], made: pa.Table) -> dict[str, pa.Array]:
        return {one.name: made.column(one.name).combine_chunks().cast(pa.string()) for one in some}

    def _rows(
        self, some: Sequence[Expression], table: pa.Table, offset: int
    ) -> tuple[dict[str, pa.Array], Misfits]:
        try:
            made = self._run(some, table)
        except duckdb.Error as fault:
            return self._halved(some, table, offset, type(fault).__name__)
        return self._texts(some, made), {offset + row: why for row, why in self._unread(made).items()}

    def _halved(
        self, some: Sequence[Expression], table: pa.Table, offset: int, fault: str
    ) -> tuple[dict[str, pa.Array], Misfits]:
        """DuckDB fails a batch as a whole: halve it until the rows that fail stand alone."""
        if len(table) == 1:
            texts, culprits = self._alone(some, table)
            culprit = (culprits or [some[0].name])[0]
            return texts, {offset: (culprit, f"the transformLogic fails on it ({fault})")}
        middle = len(table) // 2
        first, first_misfits = self._rows(some, table.slice(0, middle), offset)
        second, second_misfits = self._rows(some, table.slice(middle), offset + middle)
        joined = {name: pa.concat_arrays([first[name], second[name]]) for name in first}
        return joined, first_misfits | second_misfits

    def _alone(self, some: Sequence[Expression], row: pa.Table) -> tuple[dict[str, pa.Array], list[str]]:
        """One row's texts, each expression by itself, and the columns whose expressions fail on it."""
        texts: dict[str, pa.Array] = {}
        culprits: list[str] = []
        for one in some:
            try:
                texts |= self._texts([one], self._run([one], row))
            except duckdb.Error:
                texts[one.name] = pa.array([None], pa.string())
                culprits.append(one.name)
        return texts, culprits
