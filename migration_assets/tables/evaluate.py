"""Expressions and the Python hook over a batch: texts for the target's columns out of the source's."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

import pyarrow as pa

from migration_assets.tables import distinct
from migration_assets.tables.copy_text import pc
from migration_assets.tables.expressions import Expression, Expressions, Misfits
from migration_assets.tables.mapping import Mapping as TableMapping
from migration_assets.tables.reading_sql import database

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from migration_assets.tables.hooked import Hooked

__all__ = ["Evaluated", "Evaluator", "database"]

#: bytes of results that are kept for the batches to come
KEPT = 4 << 20


@dataclass(frozen=True)
class Evaluated:
    """Columns (see `distinct`) of decoded text by target column, and why some rows have none."""

    texts: Mapping[str, pa.Array]
    misfits: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    #: columns whose text is the target's own as it is
    canonical: frozenset[str] = frozenset()


class Evaluator:
    """Runs the expressions of one mapping over batches of decoded source columns.

    An expression of columns with few distinct values is run over these alone, if its result comes
    from them alone; and what it gave is kept.
    """

    def __init__(self, mapping: TableMapping) -> None:
        opened = cache(database)
        self._reading = range(len(mapping.reading))
        self._expressions = Expressions(mapping, opened)
        self._hook = _hook(mapping, opened()) if mapping.contract.hook else None
        self._groups: dict[tuple[int, ...], list[Expression]] = defaultdict(list)
        for one in self._expressions.all:
            self._groups[one.named if one.repeatable else ()].append(one)
        self._known = {places: Known(self._exactly(places)) for places in self._groups if places}

    @property
    def busy(self) -> bool:
        """Whether there is anything to evaluate."""
        return bool(self._groups) or self._hook is not None

    def evaluate(self, column: Callable[[int], pa.Array]) -> Evaluated:
        """Texts for a batch; `column` gives the decoded column of a place in `mapping.reading`."""
        texts: dict[str, pa.Array] = {}
        others: list[Expression] = []
        for places, group in self._groups.items():
            made = self._of_few(places, [column(place) for place in places])
            if made is None:
                others += group
            else:
                texts |= made
        misfits: Misfits = {}
        if others:
            places = self._expressions.places(others)
            table = self._expressions.table(places, [distinct.rows(column(place)) for place in places])
            made, misfits = self._expressions.each(others, table)
            texts |= made
        canonical = frozenset(one.name for one in self._expressions.all if one.canonical)
        if self._hook is None:
            return Evaluated(texts, misfits, canonical)
        table = self._expressions.table(self._reading, [distinct.rows(column(p)) for p in self._reading])
        hooked, unread = self._hook.evaluate(table)
        return Evaluated(texts | hooked, unread | misfits, canonical - hooked.keys())

    def _of_few(self, places: tuple[int, ...], columns: Sequence[pa.Array]) -> dict[str, pa.Array] | None:
        """The group's texts by its columns' distinct values; None when the rows have to be gone through."""
        combined = distinct.combined(columns)
        if combined is None:
            return None
        numbers, parts = combined
        texts = self._known[places].texts(parts)
        if texts is None:
            return None
        indices = pa.array(numbers)
        return {
            name: pa.DictionaryArray.from_arrays(indices, made, safe=False) for name, made in texts.items()
        }

    def _exactly(self, places: tuple[int, ...]) -> "Run":
        group = self._groups[places]
        return lambda parts: self._expressions.exactly(group, self._expressions.table(places, parts))


#: columns of values in, texts by target column out; None when one of them has a misfit
Run = Callable[[Sequence[pa.Array]], dict[str, pa.Array] | None]


def _hook(mapping: TableMapping, made: "DuckDBPyConnection") -> "Hooked":
    # pandas, which only hooks need
    from migration_assets.tables.hooked import Hooked

    return Hooked(mapping, made)


class Known:
    """What expressions gave for values that were there before."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._keys = pa.array([], pa.string())
        self._texts: dict[str, pa.Array] = {}

    def texts(self, parts: Sequence[pa.Array]) -> dict[str, pa.Array] | None:
        """The texts for each combination of values; None when one of them has a misfit."""
        wanted = distinct.keys(parts)
        if self._keys.nbytes + sum(texts.nbytes for texts in self._texts.values()) > KEPT:
            self._keys, self._texts = self._keys[:0], {}
        new = pc.is_null(pc.index_in(wanted, value_set=self._keys))
        if pc.any(new).as_py():
            made = self._run([part.filter(new) for part in parts])
            if made is None:
                return None
            self._keys = pa.concat_arrays([self._keys, wanted.filter(new)])
            self._texts = {
                name: pa.concat_arrays([self._texts.get(name, texts[:0]), texts])
                for name, texts in made.items()
            }
        at = pc.index_in(wanted, value_set=self._keys)
        return {name: texts.take(at) for name, texts in self._texts.items()}
