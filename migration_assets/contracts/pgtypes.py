"""PostgreSQL's type names: any spelling in, the one that `format_type` prints out."""

import re
from dataclasses import dataclass
from functools import lru_cache

ALIASES = {
    "int2": "smallint",
    "smallserial": "smallint",
    "int": "integer",
    "int4": "integer",
    "serial": "integer",
    "int8": "bigint",
    "bigserial": "bigint",
    "float4": "real",
    "float": "double precision",
    "float8": "double precision",
    "dec": "numeric",
    "decimal": "numeric",
    "bool": "boolean",
    "varchar": "character varying",
    "string": "text",
    "char": "character",
    "bpchar": "character",
    "timestamptz": "timestamp with time zone",
    "timestamp": "timestamp without time zone",
    "timetz": "time with time zone",
    "time": "time without time zone",
    "varbit": "bit varying",
}

FAMILIES = {
    "smallint": "integer",
    "integer": "integer",
    "bigint": "integer",
    "numeric": "numeric",
    "real": "float",
    "double precision": "float",
    "boolean": "boolean",
    "text": "text",
    "character varying": "text",
    "character": "char",
    "bytea": "bytes",
    "date": "date",
    "timestamp without time zone": "timestamp",
    "timestamp with time zone": "timestamptz",
    "time without time zone": "time",
    "time with time zone": "timetz",
    "interval": "interval",
    "uuid": "uuid",
    "json": "json",
    "jsonb": "jsonb",
    "bit": "bit",
    "bit varying": "bit",
}

_SHAPE = re.compile(
    r"""(?P<name>"[^"]+(?:"")*[^"]*"(?:\."[^"]+")?|[a-z_][a-z0-9_ .$"]*?)\s*
        (?:\(\s*(?P<args>[-0-9]+(?:\s*,\s*-?\d+)?)\s*\))?\s*
        (?P<zone>with(?:out)?\s+time\s+zone)?\s*
        (?P<dims>(?:\[\d*\])*)""",
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True)
class PgType:
    """A type with its modifiers; `str()` is what PostgreSQL's `format_type` prints."""

    name: str
    args: tuple[int, ...] = ()
    array: bool = False

    def __str__(self) -> str:
        name, args = self.name, f"({','.join(map(str, self.args))})" if self.args else ""
        if name.startswith(("timestamp", "time")) and args:
            head, _, zone = name.partition(" ")
            text = f"{head}{args} {zone}"
        else:
            text = name + args
        return text + ("[]" if self.array else "")

    @property
    def family(self) -> str:
        """The group of types whose text is judged alike; `other` for all that is not listed."""
        return "array" if self.array else FAMILIES.get(self.name, "other")

    @property
    def length(self) -> int | None:
        return self.args[0] if self.family in ("text", "char", "bit") and self.args else None

    @property
    def precision(self) -> int | None:
        return self.args[0] if self.args else None

    @property
    def scale(self) -> int:
        return self.args[1] if len(self.args) > 1 else 0


@lru_cache(4096)
def parse(text: str) -> PgType:
    """The type that the text names; ValueError when it is not shaped like a type at all."""
    found = _SHAPE.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is not a PostgreSQL type")
    name = found["name"].strip()
    if '"' not in name:
        name = re.sub(r"\s+", " ", name).lower().removeprefix("pg_catalog.")
    args = tuple(int(arg) for arg in found["args"].split(",")) if found["args"] else ()
    if found["zone"]:
        name = f"{name} {' '.join(found['zone'].lower().split())}"
    if name == "float" and args:
        name, args = ("real" if args[0] <= 24 else "double precision"), ()
    name = ALIASES.get(name, name)
    if name in ("character", "bit") and not args and text.strip().lower() != "bpchar":
        args = (1,)
    if name == "numeric" and len(args) == 1:
        args = (args[0], 0)
    return PgType(name, args, bool(found["dims"]))
