"""The source's rows of a batch as columns, each made only when somebody asks for it."""

import json
from collections.abc import Mapping, Sequence

import pyarrow as pa

from migration_assets.tables import canonical, copy_text, distinct
from migration_assets.tables.copy_text import StagedLines, pc
from migration_assets.tables.sources.base import MISFIT, SourceColumn


class SourceRows:
    """Staged lines of the columns `reading`; a place is a field's, from 0 on."""

    def __init__(self, lines: bytes, reading: Sequence[SourceColumn], many: set[int]) -> None:
        """pyarrow.lib.ArrowInvalid when a line has another number of fields. `many` holds the places of
        columns that were seen to have many distinct values; it is added to."""
        self._lines = StagedLines(lines, len(reading))
        self._reading = reading
        self._many = many
        self._clean: dict[int, pa.Array] = {}
        self._values: dict[int, pa.Array] = {}

    @property
    def count(self) -> int:
        return self._lines.rows

    @property
    def lines(self) -> bytes:
        return self._lines.lines

    def run(self, first: int, last: int) -> pa.Array:
        """Consecutive fields as they are staged, with the TABs between them."""
        return self._lines.run(first, last)

    def misfits(self) -> Mapping[int, Sequence[str]]:
        """By row, the reasons that the source wrote in place of values."""
        found: dict[int, list[str]] = {}
        for place, source in enumerate(self._reading if self._lines.marks else ()):
            for row, reason in canonical.marked(self._lines.column(place)).items():
                found.setdefault(row, []).append(f"source column {source.name} has {reason}")
        return found

    def clean(self, place: int) -> pa.Array:
        """The escaped fields, null where there is NULL or a mark in place of a value."""
        if place not in self._clean:
            column = self._lines.column(place)
            if self._lines.marks:
                marked = pc.fill_null(pc.starts_with(column, MISFIT), False)
                column = pc.if_else(marked, pa.scalar(None, pa.string()), column)
            self._clean[place] = column
        return self._clean[place]

    def values(self, place: int) -> pa.Array:
        """The decoded values, by their distinct ones where these are few (see `distinct`)."""
        if place not in self._values:
            column = self.clean(place)
            if place not in self._many:
                column = distinct.by_distinct(column)
                if not distinct.is_dictionary(column):
                    self._many.add(place)
            if self._lines.escapes:
                column = distinct.again(column, copy_text.decoded(distinct.values(column)))
            self._values[place] = column
        return self._values[place]

    def shown(self, row: int) -> str:
        """One row as JSON text, for the quarantine."""
        pairs = enumerate(self._reading)
        fields = {c.name: copy_text.decoded(self._raw(place).slice(row, 1))[0].as_py() for place, c in pairs}
        return json.dumps(fields)

    def _raw(self, place: int) -> pa.Array:
        return self._lines.column(place) if self._lines.marks else self.clean(place)
