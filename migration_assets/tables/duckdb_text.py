"""Exact text into DuckDB's values, and their text as PostgreSQL prints it.

DuckDB's own casts round, cut, or pass over what does not fit; so each value is looked at first, and what
is no exact value of the type becomes NULL, which the caller takes for a misfit.
"""

from migration_assets.contracts.pgtypes import PgType

#: (what DuckDB gives, the target's family) whose text is canonical as it is
_SPELLED = {
    ("BIGINT", "integer"),
    ("INTEGER", "integer"),
    ("SMALLINT", "integer"),
    ("TINYINT", "integer"),
    ("BOOLEAN", "boolean"),
    ("DATE", "date"),
    ("TIMESTAMP", "timestamp"),
    ("TIMESTAMP WITH TIME ZONE", "timestamptz"),
    ("UUID", "uuid"),
    ("BLOB", "bytes"),
}
#: days that DuckDB has, and PostgreSQL has not
_EARLY = "{0} < '4714-11-24 (BC)'"
FAR = {
    "DATE": f"{_EARLY} OR {{0}} > '5874897-12-31'",
    "TIMESTAMP": _EARLY,
    "TIMESTAMP WITH TIME ZONE": _EARLY,
}
_BITS = {
    "TINYINT": 16,
    "SMALLINT": 16,
    "INTEGER": 32,
    "BIGINT": 64,
    "smallint": 16,
    "integer": 32,
    "bigint": 64,
}

#: DuckDB takes a year 0 for the one before the first
_DAY = r"(000[1-9]|00[1-9][0-9]|0[1-9][0-9]{2}|[1-9][0-9]{3,6})-[0-9]{2}-[0-9]{2}"
_MINUTES = r":[0-9]{2}(:[0-9]{2}([.][0-9]{0,6}0*)?)?"
#: and 24:00 for the next day
_CLOCK = rf"([01][0-9]|2[0-3]){_MINUTES}"
_ZONE = r"(Z|[-+][0-9]{2}(:?[0-9]{2})?)"
#: what the text of a value has to look like, for types whose cast takes more than that
_SHAPES = {
    "BIGINT": r"[-+]?[0-9]+",
    "BOOLEAN": r"(?i:t|f|true|false|1|0)",
    "DATE": rf"{_DAY}([ T]00:00(:00([.]0*)?)?)?( BC)?|-?infinity",
    "TIMESTAMP": rf"{_DAY}([ T]{_CLOCK})?( BC)?|-?infinity",
    "TIMESTAMPTZ": rf"{_DAY}[ T]{_CLOCK}{_ZONE}( BC)?|-?infinity",
    "TIME": rf"[0-9]{{2}}{_MINUTES}",
    "BLOB": r"\\x([0-9A-Fa-f]{2})*",
}


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def read(name: str, duck: str, *, promised: bool) -> str:
    """The column's text as a value of DuckDB's type, NULL where it is none.

    `promised`: the source says that the text is one that PostgreSQL prints for the type."""
    if duck == "VARCHAR":
        return name
    if duck == "BLOB":
        return _where(name, _SHAPES[duck], f"unhex(substr({name}, 3))")
    cast = f"TRY_CAST({name} AS {duck})"
    if duck in ("DATE", "TIMESTAMP", "TIMESTAMPTZ"):
        moved = f"regexp_replace({name}, '^([0-9-]+)(.*) BC$', '\\1 (BC)\\2')"
        cast = f"CASE WHEN {name} LIKE '%BC' THEN TRY_CAST({moved} AS {duck}) ELSE {cast} END"
    if promised:
        return cast
    if duck == "DOUBLE":
        return _unrounded(name, cast)
    shape = _SHAPES.get(duck)
    if duck.startswith("DECIMAL"):
        scale = duck.rstrip(")").split(",")[1]
        shape = rf"[-+]?[0-9]*([.][0-9]{{0,{scale}}}0*)?"
    return _same_or(name, cast, _where(name, shape, cast)) if shape else cast


def printed(expression: str, made: str, target: PgType) -> str:
    """The text of an expression of DuckDB's type `made`, as PostgreSQL prints it where that is known."""
    if made == "BOOLEAN":
        return f"CASE {expression} WHEN true THEN 't' WHEN false THEN 'f' END"
    if made == "BLOB":
        return f"'\\x' || lower(hex({expression}))"
    if made == "FLOAT" and target.family == "float":
        return f"CAST(CAST({expression} AS DOUBLE) AS VARCHAR)"
    if made == "DATE" or made.startswith("TIMESTAMP"):
        return _moment(expression, made)
    if made.startswith("DECIMAL(") and target.family == "numeric" and target.precision is not None:
        width, scale = (int(part) for part in made[8:-1].split(","))
        if scale != target.scale and 0 <= target.scale <= 38 - (width - scale):
            wanted = f"CAST({expression} AS DECIMAL(38,{target.scale}))"
            # only where nothing is rounded away; else the text says that there is too much
            return f"CASE WHEN {wanted} = {expression} THEN {wanted}::VARCHAR ELSE {expression}::VARCHAR END"
    if made.endswith("[]") or made.startswith(("STRUCT", "MAP", "JSON")):
        return f"CAST(to_json({expression}) AS VARCHAR)"
    return f"CAST({expression} AS VARCHAR)"


def _moment(expression: str, made: str) -> str:
    text = f"CAST({expression} AS VARCHAR)"
    moved = f"regexp_replace({text}, '^([0-9-]+) \\(BC\\)(.*)$', '\\1\\2 BC')"
    shown = f"CASE WHEN {text} LIKE '%(BC)%' THEN {moved} ELSE {text} END"
    if made not in FAR:
        return shown
    far = f"isfinite({expression}) AND ({FAR[made].format(expression)})"
    return f"CASE WHEN {far} THEN error('PostgreSQL has no such day') ELSE {shown} END"


def is_canonical(made: str, target: PgType) -> bool:
    """Whether what `printed` gives is the target's own text for every value."""
    if (made, target.family) in _SPELLED:
        if target.family == "integer":
            return _BITS[made] <= _BITS[target.name]
        return target.family not in ("timestamp", "timestamptz") or target.precision in (None, 6)
    if made.startswith("DECIMAL(") and target.family == "numeric" and target.precision is not None:
        width, scale = (int(part) for part in made[8:-1].split(","))
        return scale == target.scale and width <= target.precision
    return False


def _where(name: str, shape: str, cast: str) -> str:
    return f"CASE WHEN regexp_full_match({name}, '{shape}') THEN {cast} END"


def _same_or(name: str, cast: str, otherwise: str) -> str:
    """A value that prints as its text needs no further look."""
    return f"CASE WHEN CAST({cast} AS VARCHAR) = {name} THEN {cast} ELSE {otherwise} END"


def _unrounded(name: str, cast: str) -> str:
    """A number whose digits are the float's: up to 15 always are, more where the float prints the same
    ones, or is the same whole number."""
    digits = _digits(name)
    whole = _where(name, "[-+]?[0-9]+", f"TRY_CAST({cast} AS HUGEINT) = TRY_CAST({name} AS HUGEINT)")
    same = f"length({digits}) <= 15 OR {digits} = {_digits(f'CAST({cast} AS VARCHAR)')} OR {whole}"
    number = _where(
        name,
        "[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)?",
        f"CASE WHEN isfinite({cast}) AND ({cast} <> 0 OR {digits} = '') AND ({same}) THEN {cast} END",
    )
    special = f"regexp_full_match({name}, '(?i:[-+]?(nan|inf|infinity))')"
    return _same_or(name, cast, f"CASE WHEN {special} THEN {cast} ELSE {number} END")


def _digits(text: str) -> str:
    """The significant digits of a number's text."""
    mantissa = f"regexp_replace(split_part(lower({text}), 'e', 1), '[-+.]', '', 'g')"
    return f"rtrim(ltrim({mantissa}, '0'), '0')"
