"""Which text needs no look: what a source carries is already what the target's type prints."""

from migration_assets.contracts.pgtypes import PgType, parse
from migration_assets.tables.spelling.moments import fraction_digits
from migration_assets.tables.spelling.numbers import INTEGER_BITS, INTEGER_DIGITS


def trusted(carries: str | None, target: PgType) -> bool:
    """Whether text of the type that a source carries is already canonical for the target's type.

    carries               target                        trusted
    nothing promised      any                           no
    the same type         the same                      yes
    integer               a wider integer, numeric      yes
    numeric(p, s)         numeric(more, s), numeric     yes
    varchar(n), char(n)   varchar(more), text           yes
    timestamp(p)          timestamp(more)               yes (times, and zoned ones, too)
    jsonb                 json                          yes
    any                   a type of no known spelling   yes (the checksum judges it)
    """
    if carries is None:
        return target.family in ("other", "array", "timetz")
    source = parse(carries)
    if source == target or target.family in ("other", "array", "timetz"):
        return True
    match source.family, target.family:
        case "integer", "integer":
            return INTEGER_BITS[source.name] <= INTEGER_BITS[target.name]
        case "integer", "numeric":
            digits = INTEGER_DIGITS[source.name]
            return target.precision is None or (target.scale == 0 and target.precision >= digits)
        case "numeric", "numeric":
            if target.precision is None:
                return True
            same_scale = source.precision is not None and source.scale == target.scale
            return same_scale and (source.precision or 0) <= target.precision
        case ("text", "text") | ("char", "text"):
            return target.length is None or (source.length or 1 << 31) <= target.length
        case ("timestamp", "timestamp") | ("timestamptz", "timestamptz") | ("time", "time"):
            return fraction_digits(source) <= fraction_digits(target)
        case "jsonb", "json":
            return True
        case "bit", "bit":
            return target.name == "bit varying" and (target.length or 1 << 31) >= (source.length or 1 << 31)
        case _:
            return False
