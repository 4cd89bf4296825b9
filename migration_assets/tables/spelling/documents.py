"""JSON: `json` as it was written, `jsonb` as PostgreSQL prints it."""

import json
from collections.abc import Callable
from decimal import Decimal

from migration_assets.tables.spelling.misfit import Misfit
from migration_assets.tables.spelling.numbers import NUMERIC_WHOLE, any_numeric


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


class _Number(str):
    """A JSON number, kept as it was written."""


def json_as_written(text: str) -> str:
    _read_json(text)
    return text


def jsonb(text: str) -> str:
    value = _read_json(text, _unrepeated)
    try:
        return _printed(value)
    except RecursionError:
        raise Misfit(TOO_DEEP) from None


TOO_DEEP = "is JSON that is nested too deeply"


def _read_json(text: str, pairs: Callable[[list[tuple[str, object]]], object] | None = None) -> object:
    try:
        return json.loads(
            text,
            parse_constant=_refuse_constant,
            parse_int=_Number,
            parse_float=_Number,
            object_pairs_hook=pairs,
        )
    except Misfit:
        raise
    except RecursionError:
        raise Misfit(TOO_DEEP) from None
    except ValueError:
        raise Misfit("is no JSON") from None


def _unrepeated(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """jsonb keeps the last one alone."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Misfit("has a key twice in one object, of which jsonb keeps one; json keeps both")
    return found


def _printed(value: object) -> str:
    """A JSON value as jsonb prints it: keys by length, then by bytes."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case _Number():
            return any_numeric(_plain_number(value))
        case str():
            if "\0" in value or any(0xD800 <= ord(c) <= 0xDFFF for c in value):
                raise Misfit("has a character that jsonb cannot hold")
            return json.dumps(value, ensure_ascii=False)
        case list():
            return "[" + ", ".join(_printed(item) for item in value) + "]"
        case dict():
            keys = sorted(value, key=lambda key: (len(key.encode()), key.encode()))
            return "{" + ", ".join(f"{_printed(str(key))}: {_printed(value[key])}" for key in keys) + "}"
        case _:
            raise Misfit("is no JSON")


def _plain_number(text: str) -> str:
    """A JSON number without exponent, with the decimals that PostgreSQL's numeric keeps."""
    mantissa, _, exponent = text.lower().partition("e")
    if not exponent:
        return text
    power = int(exponent) if len(exponent) < 9 else NUMERIC_WHOLE + 1
    if abs(power) > NUMERIC_WHOLE:
        raise Misfit("has a number with more digits than numeric can hold")
    kept = max(len(mantissa.partition(".")[2]) - power, 0)
    return format(Decimal(text), f".{kept}f")
