"""The target's rows of a batch: each field's values spelled as PostgreSQL prints them, and their lines."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa

from migration_assets.errors import MappingFault
from migration_assets.tables import canonical, copy_text, distinct
from migration_assets.tables.evaluate import Evaluated, Evaluator
from migration_assets.tables.mapping import Field
from migration_assets.tables.mapping import Mapping as TableMapping
from migration_assets.tables.source_rows import SourceRows

#: families whose canonical text holds nothing that COPY text escapes
_PLAIN = {"integer", "numeric", "float", "boolean", "date", "timestamp", "timestamptz", "time", "uuid", "bit"}


class TargetRows:
    """The rows that a mapping makes of a batch of the source's."""

    def __init__(self, mapping: TableMapping, evaluator: Evaluator, source: SourceRows) -> None:
        self._mapping = mapping
        self._source = source
        self._fields = {item.column.name: item for item in mapping.fields}
        evaluated = evaluator.evaluate(source.values) if evaluator.busy else Evaluated({})
        #: by row, why some of its fields have no value
        self.misfits: defaultdict[int, list[str]] = defaultdict(list)
        self._made: dict[str, pa.Array] = {}
        #: whether every row's line is the staged one
        self.as_staged = not mapping.rearranges
        for item in mapping.fields:
            if item.column.name in evaluated.texts or not item.trusted:
                self._made[item.column.name] = self._spelled(item, evaluated)
        for row, (_, reason) in evaluated.misfits.items():
            self.misfits[row].append(reason)

    def _spelled(self, item: Field, evaluated: Evaluated) -> pa.Array:
        name, carries = item.column.name, "text"
        if name in evaluated.texts:
            column = evaluated.texts[name]
            if name in evaluated.canonical:
                return column
        elif item.place is not None:
            column = self._source.values(item.place)
            carries = self._mapping.reading[item.place].carries
        else:
            raise MappingFault(
                f"Nothing makes column {name} of {self._mapping.contract.name}.",
                advice="Give it transformSourceObjects or transformLogic, or let the hook return it.",
            )
        given = distinct.values(column)
        texts, misfits = canonical.spelled(given, item.pgtype, carries)
        self.as_staged = self.as_staged and (texts is given or texts.equals(given))
        for row, reason in distinct.places(column, misfits).items():
            self.misfits[row].append(f"column {name} {reason}")
        return distinct.again(column, texts)

    def values(self, name: str) -> pa.Array:
        """A column's values (see `distinct`)."""
        if name in self._made:
            return self._made[name]
        place = self._fields[name].place
        assert place is not None
        return self._source.values(place)

    def escaped(self, name: str) -> pa.Array:
        """A column's fields as COPY reads them, NULL as null."""
        item = self._fields[name]
        if name not in self._made:
            assert item.place is not None
            return self._source.clean(item.place)
        column = self._made[name]
        if item.pgtype.family in _PLAIN:
            return distinct.rows(column)
        return distinct.rows(distinct.again(column, copy_text.encoded(distinct.values(column))))

    def lines(self, kept: pa.Array | None) -> bytes:
        """The lines, or those of the kept rows (an array of booleans)."""
        pieces = list(self._pieces())
        if kept is not None:
            pieces = [piece.filter(kept) for piece in pieces]
        return copy_text.lines_of(pieces)

    def _pieces(self) -> Iterator[pa.Array]:
        """The fields of a line in order; neighbours that pass as they are staged are one piece."""
        run: list[int] = []
        for item in self._mapping.fields:
            untouched = item.place is not None and item.column.name not in self._made
            if run and not (untouched and item.place == run[-1] + 1):
                yield self._source.run(run[0], run[-1])
                run = []
            if untouched and item.place is not None:
                run.append(item.place)
            else:
                yield self.escaped(item.column.name)
        if run:
            yield self._source.run(run[0], run[-1])


def key_of(target: TargetRows, names: Sequence[str], row: int) -> Mapping[str, str | None]:
    """The values of some columns in one row."""
    return {name: distinct.rows(target.values(name).slice(row, 1))[0].as_py() for name in names}
