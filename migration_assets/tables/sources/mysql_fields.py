"""The SQL by which a MySQL server writes a column: its text, its field of COPY text, its raw bytes.

The server itself writes the fields, so that a whole row costs Python one value. The SQL works on
binary strings, where bytes are compared and no character set is guessed. Columns that may be large,
and those whose bytes are not text, come raw beside the line: what a server may build inside one
expression is limited by its `max_allowed_packet`.
"""

from migration_assets.tables.sources.base import MISFIT, SourceColumn
from migration_assets.tables.sources.mysql_types import UTF8, Declared, declared
from migration_assets.tables.sources.rowwise import ESCAPES, NULL

#: what a raw column is where the server could not build its text
OVERFLOWN = b"\xfe"
#: makes a binary string of what it is part of
BINARY = "CAST('' AS BINARY)"


def literal(text: str) -> str:
    """A literal that no mode of the server reads otherwise."""
    return "0x" + text.encode().hex()


_HEX = literal("\\x")
_ESCAPED_HEX = literal("\\\\x")
#: any character that is escaped or refused, in PCRE's words
_SPECIAL = literal(r"[\x00\x08-\x0d\\]")


def plain(column: SourceColumn, name: str) -> str:
    """SQL for the value's text, not escaped; `name` is the column, quoted."""
    kind = declared(column)
    match kind.kind:
        case "text":
            return _utf8(kind, name)
        case "bytes":
            return f"CONCAT({_HEX}, LOWER(HEX({name})))"
        case "bits":
            return f"LPAD(BIN({name} + 0), {kind.args[0]}, '0')"
        case "float":
            # a float's own text has six digits; as a double it has all of them
            return f"CAST({name} + 0 AS CHAR)" if kind.args else f"CAST({name} + 0e0 AS CHAR)"
        case "moment":
            return _moment(kind, name)
        case "integer" | "number":
            whole = kind.padded or kind.name == "year"
            return f"CAST({name} + 0 AS CHAR)" if whole else f"CAST({name} AS CHAR)"
        case "other":
            return _address(name) if kind.name == "inet6" else f"CAST({name} AS CHAR)"


def known(column: SourceColumn, name: str) -> str | None:
    """SQL that holds when a moment has a year, a month and a day; None for other types."""
    if declared(column).kind != "moment":
        return None
    return f"(YEAR({name}) > 0 AND MONTH({name}) > 0 AND DAY({name}) > 0)"


def real(name: str) -> str:
    """SQL that holds when a moment is in the calendar."""
    return f"YEAR({name}) > 0 AND DAY({name}) BETWEEN 1 AND DAY(LAST_DAY({name}))"


def field(column: SourceColumn, name: str, *, mariadb: bool, zero_as_null: bool) -> str:
    """SQL for the field of COPY text; NULL never, but where the server's limits are exceeded."""
    kind = declared(column)
    text = plain(column, name)
    match kind.kind:
        case "text":
            text = _escaped(kind, name, text, mariadb=mariadb)
        case "bytes":
            text = f"CONCAT({_ESCAPED_HEX}, LOWER(HEX({name})))"
        case "moment":
            zero = literal(NULL if zero_as_null else MISFIT + "zero date")
            absent = f"IF({known(column, name)}, {literal(MISFIT + 'no such date')}, {zero})"
            text = f"IF({real(name)}, {text}, {absent})"
        case _:
            pass
    return f"IF({name} IS NULL, {literal(NULL)}, {text})" if column.nullable else text


def raw(column: SourceColumn, name: str) -> str:
    """SQL for the column's bytes, text in UTF-8; a lone byte that is no UTF-8 where it has none."""
    kind = declared(column)
    if kind.raw != "text":
        return name
    # part of a longer one, or the server converts it on the way
    text = f"CONCAT({BINARY}, {_utf8(kind, name)})"
    if kind.charset not in UTF8:
        text = f"IF({is_kept(kind, name)}, {text}, 0xff)"
    return f"IF({name} IS NULL, NULL, IFNULL({text}, 0x{OVERFLOWN.hex()}))"


def _utf8(kind: Declared, name: str) -> str:
    if kind.charset in UTF8 and kind.name != "json":
        return f"CAST({name} AS BINARY)"
    return f"CAST(CONVERT({name} USING utf8mb4) AS BINARY)"


def is_kept(kind: Declared, name: str) -> str:
    """SQL that holds when the text, taken back into the column's character set, is the same bytes."""
    back = f"CONVERT(CONVERT({name} USING utf8mb4) USING {kind.charset})"
    return f"CAST({back} AS BINARY) = CAST({name} AS BINARY)"


def _escaped(kind: Declared, name: str, text: str, *, mariadb: bool) -> str:
    changed = text
    for character, sequence in ESCAPES:
        changed = f"REPLACE({changed}, {literal(character)}, {literal(sequence)})"
    changed = f"IF(LOCATE(0x00, {text}), {literal(MISFIT + 'NUL character')}, {changed})"
    if mariadb:
        # one search for all of them is faster than eight; MySQL's takes no binary strings
        changed = f"IF({text} REGEXP {_SPECIAL}, {changed}, {text})"
    if kind.charset not in UTF8:
        kept = is_kept(kind, name)
        changed = f"IF({kept}, {changed}, {literal(MISFIT + 'invalid text')})"
    return changed


def _moment(kind: Declared, name: str) -> str:
    text = f"CAST({name} AS CHAR)"
    if kind.args and kind.args[0]:
        text = f"TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM {text}))"
    return f"CONCAT({text}, '+00')" if kind.name == "timestamp" else text


def _address(name: str) -> str:
    """MariaDB shortens a lone group of zeros too, which PostgreSQL writes out."""
    text = f"CAST({name} AS CHAR)"
    groups = f"LENGTH({text}) - LENGTH(REPLACE({text}, ':', ''))"
    headless, tailless = f"SUBSTRING({text}, 2)", f"LEFT({text}, LENGTH({text}) - 1)"
    return (
        f"CASE WHEN {text} NOT LIKE '%::%' OR {text} LIKE '%.%' THEN {text} "
        f"WHEN {text} LIKE '::%' THEN IF({groups} = 8, CONCAT('0', {headless}), {text}) "
        f"WHEN {text} LIKE '%::' THEN IF({groups} = 8, CONCAT({tailless}, '0'), {text}) "
        f"WHEN {groups} = 7 THEN REPLACE({text}, '::', ':0:') ELSE {text} END"
    )
