"""Two catalogs in, suggestions out: first which tables belong together, then which of their columns."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from rapidfuzz import fuzz, process

from migration_assets.analyzer.catalog import Rows
from migration_assets.analyzer.catalog.model import Catalog, CatalogTable
from migration_assets.analyzer.matching.columns import Pair, Paired, paired
from migration_assets.analyzer.matching.model import Sample, Samples, Suggestion
from migration_assets.analyzer.matching.names import words
from migration_assets.analyzer.matching.values import Sketch, sketch
from migration_assets.contracts.model import TableName

#: what is suggested at all
LEAST = 0.55
#: how sure two tables have to be that they belong together, and which pairs of columns count for that
LEAST_OF_TABLES, LEAST_OF_PAIRS = 0.35, 0.4
#: rows of a sample
SAMPLED = 500
#: pairs of tables that are all compared; beyond them, the likeliest so many of each table are
ALL, LIKELY = 4_000, 8

Sketched = Mapping[TableName, Mapping[str, Sketch]]


def suggest(
    source: Catalog, target: Catalog, samples: Samples | None, *, least: float = LEAST
) -> tuple[Suggestion, ...]:
    """Each column of the source at most once, and each of the target; by table, in the source's order.

    Without samples, names and types alone speak.
    """
    own = _sketched(source.tables, samples.source if samples else None)
    far = _sketched(target.tables, samples.target if samples else None)
    judged = [
        found
        for one, other in _candidates(source.tables, target.tables, own, far)
        if (found := paired(one, other, own[one.table], far[other.table], LEAST_OF_PAIRS)).pairs
    ]
    chosen = {
        each.source.table: paired(
            each.source,
            each.target,
            own[each.source.table],
            far[each.target.table],
            least,
            together=True,
        )
        for each in _together(judged)
    }
    return tuple(
        Suggestion(table.table, pair.column, found.target.table, pair.other, pair.confidence, pair.reasons)
        for table in source.tables
        if (found := chosen.get(table.table))
        for pair in _in_order(found)
    )


def _together(judged: Sequence[Paired]) -> Iterator[Paired]:
    """The surest tables first; a table belongs to one alone."""
    used: set[tuple[str, TableName]] = set()
    for found in sorted(judged, key=lambda each: (-each.confidence, str(each.source.table))):
        ends = {("source", found.source.table), ("target", found.target.table)}
        if found.confidence >= LEAST_OF_TABLES and used.isdisjoint(ends):
            used |= ends
            yield found


def _in_order(found: Paired) -> Iterator[Pair]:
    pairs = {pair.column: pair for pair in found.pairs}
    yield from (pairs[column.name] for column in found.source.columns if column.name in pairs)


def _sketched(tables: Sequence[CatalogTable], sample: Sample | None) -> Sketched:
    return {table.table: _columns(table, sample(table)) if sample else {} for table in tables}


def _columns(table: CatalogTable, rows: Rows) -> Mapping[str, Sketch]:
    whole = len(rows) < SAMPLED
    return {
        column.name: sketch((row[place] for row in rows), whole=whole)
        for place, column in enumerate(table.columns)
    }


def _candidates(
    source: Sequence[CatalogTable], target: Sequence[CatalogTable], own: Sketched, far: Sketched
) -> Iterator[tuple[CatalogTable, CatalogTable]]:
    """All pairs; of very many, those with like names, or with names or values of columns in common."""
    if len(source) * len(target) <= ALL:
        yield from ((one, other) for one in source for other in target)
        return
    called = [" ".join(words(table.name)) for table in target]
    columns = _index((table, {tuple(words(c.name)) for c in table.columns}) for table in target)
    values = _index((table, _telling(far[table.table])) for table in target)
    by_name = {table.table: table for table in target}
    for table in source:
        near = process.extract(
            " ".join(words(table.name)), called, scorer=fuzz.token_sort_ratio, limit=LIKELY
        )
        likely = {target[place].table for _, _, place in near}
        for index, signs in (
            (columns, {tuple(words(c.name)) for c in table.columns}),
            (values, _telling(own[table.table])),
        ):
            shared = Counter(each for sign in signs for each in index.get(sign, ()))
            likely |= {each for each, _ in shared.most_common(LIKELY)}
        yield from ((table, by_name[each]) for each in sorted(likely, key=str))


def _telling(sketches: Mapping[str, Sketch]) -> set[object]:
    return {value for each in sketches.values() if not each.counted for value in each.hashes}


def _index(tables: Iterator[tuple[CatalogTable, set[object]]]) -> Mapping[object, list[TableName]]:
    found: defaultdict[object, list[TableName]] = defaultdict(list)
    for table, signs in tables:
        for sign in signs:
            found[sign].append(table.table)
    return found
