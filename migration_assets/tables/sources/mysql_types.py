"""MySQL's and MariaDB's column types: taken apart, and the PostgreSQL type whose text each carries."""

import re
from dataclasses import dataclass
from typing import Literal

from migration_assets.tables.sources.base import SourceColumn

_DECLARED = re.compile(r"(?P<name>\w+)(?:\((?P<args>[\d,]+)\))?(?P<rest>.*)", re.DOTALL)
_CHARSET = re.compile(r" character set (\w+)$")

_SMALL = {
    "tinyint": "smallint",
    "smallint": "smallint",
    "mediumint": "integer",
    "int": "integer",
    "bigint": "bigint",
}
_UNSIGNED = _SMALL | {"smallint": "integer", "int": "bigint", "bigint": "numeric(20,0)"}
_TEXTS = frozenset({"char", "varchar", "tinytext", "text", "enum", "set"})
_LARGE_TEXTS = frozenset({"mediumtext", "longtext", "json"})
_BYTES = frozenset({"binary", "varbinary", "tinyblob", "blob"})
_LARGE_BYTES = frozenset({"mediumblob", "longblob", "vector"})
SHAPES = frozenset(
    {
        "geometry",
        "point",
        "linestring",
        "polygon",
        "multipoint",
        "multilinestring",
        "multipolygon",
        "geometrycollection",
        "geomcollection",
    }
)
_ADDRESSES = frozenset({"inet4", "inet6"})
#: character sets whose bytes are UTF-8 as they are
UTF8 = frozenset({"utf8mb4", "utf8mb3", "utf8", "binary"})

#: how values of a type compare and leave
Kind = Literal["integer", "number", "float", "bits", "moment", "text", "bytes", "other"]
#: how the raw bytes of a column become a field
Raw = Literal["text", "bytes", "shape"]


@dataclass(frozen=True)
class Declared:
    """A column's type, taken apart."""

    name: str
    args: tuple[int, ...]
    unsigned: bool
    padded: bool
    charset: str

    @property
    def kind(self) -> Kind:
        if self.name in _SMALL or self.name == "year":
            return "integer"
        if self.name in ("decimal", "float", "double"):
            return "number" if self.name == "decimal" else "float"
        if self.name in ("date", "datetime", "timestamp"):
            return "moment"
        if self.name == "bit":
            return "bits"
        if self.name in _TEXTS | _LARGE_TEXTS:
            return "text"
        return "bytes" if self.name in _BYTES | _LARGE_BYTES | SHAPES else "other"

    @property
    def raw(self) -> Raw | None:
        """How the column leaves beside the line; None when it leaves in it."""
        if self.name in _LARGE_TEXTS:
            return "text"
        if self.name in SHAPES:
            return "shape"
        return "bytes" if self.name in _LARGE_BYTES else None


def declared(column: SourceColumn) -> Declared:
    found = _DECLARED.match(column.declared.lower())
    assert found is not None, "a type begins with its name"
    charset = _CHARSET.search(column.declared)
    numeric = found["rest"].split()
    return Declared(
        found["name"],
        tuple(int(arg) for arg in found["args"].split(",")) if found["args"] else (),
        "unsigned" in numeric,
        "zerofill" in numeric,
        charset[1] if charset else "utf8mb4",
    )


def written(column_type: str, charset: str | None) -> str:
    """The type as `SHOW CREATE TABLE` prints it: with a character set that is not UTF-8."""
    return f"{column_type} character set {charset}" if charset and charset not in UTF8 else column_type


def carries(kind: Declared) -> str | None:
    """The PostgreSQL type whose text the column has; None where texts of equal values may differ."""
    digits = kind.args[0] if kind.args else 0
    if kind.name in _SMALL:
        return (_UNSIGNED if kind.unsigned else _SMALL)[kind.name]
    if kind.name == "decimal":
        return f"numeric({','.join(map(str, kind.args))})"
    if kind.name == "datetime":
        return f"timestamp({digits}) without time zone"
    if kind.name == "timestamp":
        return f"timestamp({digits}) with time zone"
    if kind.name in ("year", "date", "bit"):
        return {"year": "smallint", "date": "date", "bit": f"bit({digits})"}[kind.name]
    if kind.name in ("json", "uuid"):
        return kind.name
    if kind.name in ("char", "varchar") and digits:
        # the server keeps no more characters than that
        return f"character varying({digits})"
    if kind.kind == "text":
        return "text"
    if kind.kind == "bytes":
        return "bytea"
    return "inet" if kind.name in _ADDRESSES else None
