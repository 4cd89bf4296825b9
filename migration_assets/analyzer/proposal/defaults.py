"""A default of the source's dialect as one of PostgreSQL's, where both mean the same."""

import re
from dataclasses import dataclass

from migration_assets.analyzer.catalog.model import CatalogColumn
from migration_assets.analyzer.proposal.values import ZEROS, share
from migration_assets.contracts import pgtypes
from migration_assets.contracts.pgtypes import PgType

_CAST = re.compile(r"(?P<value>.+?)(?:::[a-z][\w ]*(?:\(\d+(?:,\d+)?\))?(?:\[\])?)+", re.DOTALL)
_TEXT = re.compile(r"'((?:[^'\\]|'')*)'")
_BITS = re.compile(r"[bB]'([01]*)'")
_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?")
_NULL = re.compile(r"NULL(::.+)?", re.IGNORECASE)
_NEXTVAL = re.compile(r"nextval\('(?:[^']|'')+'::regclass\)")
_NOW = re.compile(
    r"(now|current_timestamp|localtimestamp|localtime)\s*(\(\s*\d?\s*\))?|\(?datetime\('now'\)\)?",
    re.IGNORECASE,
)
_TODAY = re.compile(r"\(?'now'::text\)?::date|current_date(\(\))?|curdate\(\)|date\('now'\)", re.IGNORECASE)
_UUID = re.compile(r"uuid\(\)|(\w+\.)?(gen_random_uuid|uuid_generate_v4)\(\)", re.IGNORECASE)
_TRUTHS = {"0": "false", "1": "true", "true": "true", "false": "false", "t": "true", "f": "false"}
_TIMES = {"timestamp": "LOCALTIMESTAMP", "timestamptz": "CURRENT_TIMESTAMP", "date": "CURRENT_DATE"}


@dataclass(frozen=True)
class Translated:
    """The default in PostgreSQL's words, or why there is none."""

    default: str | None = None
    why: str = ""


def translated(column: CatalogColumn, target: str) -> Translated:
    said = (column.default or "").strip()
    bare = _bare(said)
    if not said or _NULL.fullmatch(bare) or column.identity or column.generated is not None:
        return Translated()
    pgtype = pgtypes.parse(target)
    found = _sequence(said, pgtype) or _literal(bare, pgtype) or _moment(bare, said, pgtype)
    if found is None and _UUID.fullmatch(bare) and pgtype.family == "uuid":
        found = "gen_random_uuid()"
    if found is None:
        return Translated(why="its default is not carried over, for PostgreSQL may mean something else by it")
    return Translated(found)


def _bare(said: str) -> str:
    """Without the brackets around it and without a cast."""
    text = said
    while text.startswith("(") and text.endswith(")") and text.count("(") == 1:
        text = text[1:-1].strip()
    found = _CAST.fullmatch(text)
    if found and (_TEXT.fullmatch(found["value"]) or _NUMBER.fullmatch(found["value"].strip("()"))):
        text = found["value"]
    if text.startswith("(") and text.endswith(")") and text.count("(") == 1:
        text = text[1:-1]
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = "'" + text[1:-1].replace("'", "''") + "'"
    return text


def _sequence(said: str, pgtype: PgType) -> str | None:
    return said if _NEXTVAL.fullmatch(said) and pgtype.family == "integer" else None


def _literal(text: str, pgtype: PgType) -> str | None:
    found = _TEXT.fullmatch(text)
    value = found[1].replace("''", "'") if found else text if _NUMBER.fullmatch(text) else None
    bits = _BITS.fullmatch(text)
    if bits and pgtype.family == "bit":
        return f"B'{bits[1].rjust(pgtype.length or 1, '0')}'"
    if pgtype.family == "boolean":
        return _TRUTHS.get((value or text).lower())
    if value is None or pgtype.family in ("bit", "bytes", "other"):
        return None
    if pgtype.family in ("text", "char", "array", "json", "jsonb", "uuid", "interval"):
        quoted = "'" + value.replace("'", "''") + "'"
        return quoted if share(pgtype, (value,)) == 1.0 and _may_be(value, pgtype) else None
    if share(pgtype, (value,)) < 1.0 or ZEROS.match(value):
        return None
    return value if pgtype.family in ("integer", "numeric", "float") else f"'{value}'"


def _may_be(value: str, pgtype: PgType) -> bool:
    """Whether a quoted text is a value of a type whose values are not looked at."""
    if pgtype.family in ("json", "jsonb"):
        return value in ("{}", "[]", "null")
    if pgtype.family == "array":
        return value == "{}"
    return pgtype.family not in ("uuid", "interval")


def _moment(bare: str, said: str, pgtype: PgType) -> str | None:
    if pgtype.family == "date" and (_TODAY.fullmatch(said) or _TODAY.fullmatch(bare) or _NOW.fullmatch(bare)):
        return "CURRENT_DATE"
    if not _NOW.fullmatch(bare):
        return None
    if pgtype.family == "time":
        return "LOCALTIME"
    digits = f"({pgtype.args[0]})" if pgtype.args and pgtype.args[0] < 6 else ""
    word = _TIMES.get(pgtype.family)
    return f"{word}{digits}" if word else None
