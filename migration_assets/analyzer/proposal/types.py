"""The target's type for a column: the one that carries it exactly, or text with the reason."""

import re
from dataclasses import dataclass

from migration_assets.analyzer.catalog.model import CatalogColumn
from migration_assets.analyzer.proposal.values import Values, share
from migration_assets.contracts import pgtypes
from migration_assets.contracts.pgtypes import PgType

#: the part of a sample below which a declared type is not believed
MOST = 0.5

#: PostgreSQL's own types beyond those with a family, which every server has
_BUILT_IN = frozenset(
    {
        *("inet", "cidr", "macaddr", "macaddr8", "money", "xml", "tsvector", "tsquery", "name", '"char"'),
        *(
            "point",
            "line",
            "lseg",
            "box",
            "path",
            "polygon",
            "circle",
            "oid",
            "pg_lsn",
            "time with time zone",
        ),
        *("int4range", "int8range", "numrange", "tsrange", "tstzrange", "daterange", "jsonpath"),
        *("int4multirange", "int8multirange", "nummultirange", "tsmultirange", "tstzmultirange"),
        *("datemultirange", "interval", "bit", "bit varying"),
    }
)

#: by the first words of a declared type that promises nothing
_DECLARED = (
    (
        r"(big|small|tiny|medium)?(int|integer)\b|(short|long) ?(int(eger)?)?\b|int[248]\b|serial|year\b",
        "bigint",
    ),
    (r"bool", "boolean"),
    (r"(?:numeric|decimal|number|dec)\s*\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)", "numeric"),
    (r"numeric|decimal|number|dec\b", "numeric"),
    (r"real|double|float", "double precision"),
    (r"(?:n?varchar2?|n?char|character(?: varying)?|nvarchar|string)\s*\(\s*(\d+)\s*\)", "character varying"),
    (r"(?:timestamptz|timestamp with time zone)", "timestamp with time zone"),
    (r"datetime|timestamp", "timestamp without time zone"),
    (r"date\b", "date"),
    (r"time\b", "time without time zone"),
    (r"uuid|uniqueidentifier|guid", "uuid"),
    (r"jsonb?\b", "json"),
    (r"blob|binary|varbinary|bytea|bytes|raw|image", "bytea"),
    (r"n?text|clob|n?varchar|n?char|character|string|enum|set", "text"),
)
#: what values without a believable type may be, the narrowest first
_GUESSES = ("bigint", "numeric", "date", "timestamp without time zone")
_LONGEST = 10_485_760

_LOGICAL = {
    "integer": "integer",
    "numeric": "number",
    "float": "number",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp",
    "timestamptz": "timestamp",
    "time": "time",
    "json": "object",
    "jsonb": "object",
}


@dataclass(frozen=True)
class Chosen:
    type: str
    why: str = ""

    @property
    def logical(self) -> str:
        return _LOGICAL.get(pgtypes.parse(self.type).family, "string")


def chosen(column: CatalogColumn, backend: str, values: Values) -> Chosen:
    """The type of the target's column; `values` are some of the source's, without NULLs."""
    if backend == "postgres":
        return _of_postgres(column)
    if backend == "mysql":
        return _of_mysql(column, values)
    return _of_name(column, values)


def _of_postgres(column: CatalogColumn) -> Chosen:
    carries = column.carries or column.declared
    try:
        parsed = pgtypes.parse(carries)
    except ValueError:
        parsed = None
    if parsed is not None:
        bare = PgType(parsed.name)
        if bare.family != "other" or parsed.name in _BUILT_IN:
            return Chosen(carries)
    return Chosen("text", f"{column.declared} is a type of the source's own or of an extension")


def _of_mysql(column: CatalogColumn, values: Values) -> Chosen:
    name, _, rest = column.declared.lower().partition("(")
    name = name.split()[0]
    if column.document or name == "json":
        return Chosen("json")
    if column.identity and column.carries == "numeric(20,0)":
        return Chosen("bigint", "it counts by itself, which a numeric cannot")
    if name == "time":
        digits = rest.partition(")")[0] if rest else "0"
        if any(text.startswith("-") or int(text.partition(":")[0]) > 23 for text in values):
            return Chosen("interval", "not all of its values are times of a day")
        return Chosen(f"time({digits}) without time zone")
    if column.carries is not None:
        return Chosen(column.carries)
    if name in ("float", "double"):
        return Chosen("real" if name == "float" else "double precision")
    return Chosen("text", f"PostgreSQL has no type that carries {column.declared} exactly")


def _of_name(column: CatalogColumn, values: Values) -> Chosen:
    declared = column.declared.strip()
    named = _named(declared)
    if named is None and not values:
        return Chosen("text", f"nothing is known of the type {declared}" if declared else "it has no type")
    if named is not None:
        fitting = share(pgtypes.parse(named), values)
        if fitting >= MOST:
            return Chosen(named)
        why = f"most of its values are no {named}, as which {declared} would be read"
    else:
        said = f"nothing is known of the type {declared}" if declared else "it has no type"
        why = f"{said}, so it is chosen by its values"
    for guess in _GUESSES:
        if share(pgtypes.parse(guess), values) == 1.0:
            return Chosen(guess, why)
    return Chosen("text", why)


def _named(declared: str) -> str | None:
    for pattern, name in _DECLARED:
        found = re.match(pattern, declared, re.IGNORECASE)
        if found is None:
            continue
        if name == "numeric" and found.groups():
            precision, scale = int(found[1]), int(found[2] or 0)
            return f"numeric({precision},{scale})" if 0 < precision <= 1000 else "numeric"
        if name == "character varying":
            length = int(found[1])
            return f"character varying({length})" if 0 < length <= _LONGEST else "text"
        return name
    return None
