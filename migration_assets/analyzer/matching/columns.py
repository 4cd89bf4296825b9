"""The columns of two tables: how sure each pair is, and which pairs fit together best; pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from migration_assets.analyzer.catalog.model import CatalogColumn, CatalogTable
from migration_assets.analyzer.matching.kinds import compatible, kind
from migration_assets.analyzer.matching.names import in_tables, likeness
from migration_assets.analyzer.matching.values import Overlap, Sketch, overlap

#: the name's part and the type's, where values say nothing
OF_NAME, OF_TYPE = 0.8, 0.2
#: how sure the same name makes that two tables belong together
OF_TABLE = 0.4
#: what a pair is at most whose types have nothing in common
INCOMPATIBLE = 0.3

Sketches = Mapping[str, Sketch]


@dataclass(frozen=True)
class Pair:
    column: str
    other: str
    confidence: float
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Paired:
    """Two tables and their columns' pairs, each column at most once."""

    source: CatalogTable
    target: CatalogTable
    pairs: tuple[Pair, ...]

    @property
    def confidence(self) -> float:
        """How many of both tables' columns have a counterpart; what the tables are called adds to that."""
        both = len(self.source.columns) + len(self.target.columns)
        columns = 2 * sum(pair.confidence**2 for pair in self.pairs) / both if both else 0.0
        called = OF_TABLE * likeness(self.source.name, self.target.name) ** 2
        return 1 - (1 - columns) * (1 - called)


def paired(
    source: CatalogTable,
    target: CatalogTable,
    sketches: Sketches,
    others: Sketches,
    least: float,
    *,
    together: bool = False,
) -> Paired:
    """The surest pair first, then the surest of what is left."""
    judged = [
        pair
        for column in source.columns
        for other in target.columns
        if (pair := judge(source, column, target, other, sketches, others, together)).confidence >= least
    ]
    judged.sort(key=lambda pair: (-pair.confidence, pair.column, pair.other))
    used: set[tuple[str, str]] = set()
    chosen: list[Pair] = []
    for pair in judged:
        ends = {("source", pair.column), ("target", pair.other)}
        if used.isdisjoint(ends):
            used |= ends
            chosen.append(pair)
    return Paired(source, target, tuple(chosen))


def judge(
    source: CatalogTable,
    column: CatalogColumn,
    target: CatalogTable,
    other: CatalogColumn,
    sketches: Sketches,
    others: Sketches,
    together: bool,
) -> Pair:
    name = in_tables(column.name, source.name, other.name, target.name)
    fit = compatible(kind(column), kind(other))
    sure = OF_NAME * name + OF_TYPE * fit
    common = (
        overlap(sketches[column.name], others[other.name], together=together)
        if column.name in sketches and other.name in others
        else None
    )
    if common is not None:
        sure = (1 - common.weight) * sure + common.weight * common.likeness
    if fit == 0:
        sure = min(sure, INCOMPATIBLE)
    return Pair(column.name, other.name, round(sure, 3), tuple(_reasons(name, fit, column, other, common)))


def _reasons(
    name: float, fit: float, column: CatalogColumn, other: CatalogColumn, common: Overlap | None
) -> Iterator[str]:
    if name >= 0.98:
        yield "the same name"
    elif name >= 0.6:
        yield f"names alike ({name:.2f})"
    else:
        yield "another name"
    if fit == 1:
        yield f"both {kind(column)}"
    else:
        yield f"{column.declared or 'no type'} into {other.declared or 'no type'}"
    if common is not None and common.weight:
        yield f"{common.share:.0%} of {common.compared} sampled values are in both"
