"""Source keys: which columns of a primary key the source can be asked by, and with which values."""

from collections.abc import Sequence
from decimal import Decimal

from migration_assets.contracts import pgtypes
from migration_assets.contracts.model import Contract, Scalar
from migration_assets.tables.sources.base import SourceTable
from migration_assets.tables.verify.line_keys import Key, plain


def is_askable(contract: Contract, table: SourceTable, name: str) -> bool:
    """Whether the source finds a row by the text that the target has for this column: it must promise
    that text. A key that is not found would be taken for a row that is gone."""
    column = contract.column(name)
    family = pgtypes.parse(column.type).family
    source = table.column(column.sources[0]) if column.untouched else None
    if source is None or source.carries is None or pgtypes.parse(source.carries).family != family:
        return False
    return family in ("integer", "text", "uuid", "date", "timestamp", "timestamptz")


def bounding(contract: Contract, table: SourceTable, keys: Sequence[Key]) -> str:
    """The column of the key that names the fewest other rows."""
    names = contract.primary_key
    askable = [place for place, name in enumerate(names) if is_askable(contract, table, name)]
    return names[max(askable, key=lambda place: len({key[place] for key in keys}))]


def scalar(contract: Contract, name: str, field: bytes) -> Scalar:
    text = plain(field)
    match pgtypes.parse(contract.column(name).type).family:
        case "integer":
            return int(text)
        case "numeric":
            return Decimal(text)
        case _:
            return text
