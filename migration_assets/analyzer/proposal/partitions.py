"""Which tables are worth parting, and by which column; pure."""

from migration_assets.analyzer.catalog.model import CatalogTable
from migration_assets.analyzer.proposal.model import ByRange, ProposedColumn
from migration_assets.analyzer.proposal.values import Values
from migration_assets.contracts import pgtypes

#: bytes above which a table is parted, and about which a part has
LARGE = 512 << 20
PART = 256 << 20
#: rows likewise
MANY = 2_000_000
MOST_ROWS, FEWEST_ROWS = 2_000_000, 50_000
#: the part of different values in a sample below which ranges of a column would be few and uneven
VARIED = 0.1

_FAMILIES = ("integer", "numeric", "text", "char", "uuid")


def proposed(
    table: CatalogTable, columns: tuple[ProposedColumn, ...], values: tuple[Values, ...]
) -> ByRange | None:
    """Ranges of the first column of a key that has enough different values; None: in one part.

    rows or bytes     a key's column of many values    partitions
    few               -                                one
    many              yes                              ranges of it
    many              no                               one, and the report says so
    """
    if not is_large(table):
        return None
    by_source = {column.source.name: place for place, column in enumerate(columns)}
    leading = [key[0] for key in table.keys] + [index.columns[0] for index in table.indexes if index.columns]
    for name in dict.fromkeys(leading):
        place = by_source.get(name)
        if place is not None and _serves(columns[place], values[place]):
            return ByRange(name, _rows(table))
    return None


def is_large(table: CatalogTable) -> bool:
    return (table.bytes or 0) > LARGE or (table.rows or 0) > MANY


def _serves(column: ProposedColumn, values: Values) -> bool:
    family = pgtypes.parse(column.type).family
    varied = not values or len(set(values)) / len(values) >= VARIED
    return family in _FAMILIES and column.source.carries != "numeric" and varied


def _rows(table: CatalogTable) -> int:
    """Rows of about as many bytes as a part has, in round numbers."""
    each = (table.bytes or 0) / table.rows if table.rows else 0
    rows = int(PART / each) if each else MOST_ROWS
    rows = max(FEWEST_ROWS, min(MOST_ROWS, rows))
    digit = 10 ** (len(str(rows)) - 1)
    return rows // digit * digit
