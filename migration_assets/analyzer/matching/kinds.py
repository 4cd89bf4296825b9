"""Whether one type's values can be another's; pure."""

import re
from typing import Literal

from migration_assets.analyzer.catalog.model import CatalogColumn

Kind = Literal["number", "text", "moment", "truth", "bytes", "document", "other"]

_KINDS: tuple[tuple[str, Kind], ...] = (
    (r"tinyint\(1\)|^bit\(1\)|bool", "truth"),
    (r"json|xml", "document"),
    (r"date|time|year", "moment"),
    (r"blob|binary|bytea|bytes|image|^raw", "bytes"),
    (r"interval|range|point|geometry|polygon|inet|cidr|tsvector|\[\]", "other"),
    (r"int|numeric|decimal|number|real|double|float|money|serial|^bit", "number"),
    (r"char|text|string|enum|set|uuid|clob|citext|name", "text"),
)
#: what is kept in another type without being another thing; in both directions
_COMPATIBLE: dict[frozenset[Kind], float] = {
    frozenset({"number", "truth"}): 0.7,
    frozenset({"text", "number"}): 0.4,
    frozenset({"text", "moment"}): 0.5,
    frozenset({"text", "truth"}): 0.5,
    frozenset({"text", "document"}): 0.6,
    frozenset({"text", "bytes"}): 0.3,
    frozenset({"number", "moment"}): 0.3,
    frozenset({"text", "other"}): 0.5,
    frozenset({"bytes", "other"}): 0.4,
}


def kind(column: CatalogColumn) -> Kind:
    if column.document:
        return "document"
    if column.enum:
        return "text"
    declared = column.declared.lower()
    for sign, found in _KINDS:
        if re.search(sign, declared):
            return found
    return "other" if declared else "text"


def compatible(one: Kind, other: Kind) -> float:
    """1 for the same kind, 0 for kinds that hold no value in common."""
    return 1.0 if one == other else _COMPATIBLE.get(frozenset({one, other}), 0.0)
