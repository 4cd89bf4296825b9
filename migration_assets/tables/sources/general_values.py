"""What a Python driver gives for a value, as a field of COPY text."""

import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

from migration_assets.tables.sources.base import MISFIT
from migration_assets.tables.sources.rowwise import SPELLINGS, Spellings, escaped, in_hex


def _decimal(value: Decimal) -> str:
    if value.is_finite():
        return f"{value:f}"
    return "NaN" if value.is_nan() else f"{'-' if value < 0 else ''}Infinity"


def _moment(value: datetime) -> str:
    if value.tzinfo is not None:
        return _moment(value.astimezone(UTC).replace(tzinfo=None)) + "+00"
    return _trimmed(value.isoformat(sep=" "))


def _clock(value: time) -> str:
    offset = value.strftime("%z")
    return _trimmed(value.replace(tzinfo=None).isoformat()) + (
        f"{offset[:3]}:{offset[3:5]}" if offset else ""
    )


def _span(value: timedelta) -> str:
    sign = "-" if value < timedelta() else ""
    length = abs(value)
    hours = _trimmed(
        f"{length.seconds // 3600:02d}:{length.seconds // 60 % 60:02d}:{length.seconds % 60:02d}"
        f".{length.microseconds:06d}"
    )
    return f"{sign}{length.days} days {sign}{hours}" if length.days else f"{sign}{hours}"


def _trimmed(text: str) -> str:
    """Without zeros at the end of a fraction, as PostgreSQL prints."""
    return text.rstrip("0").rstrip(".") if "." in text else text


def _json(value: object) -> str:
    try:
        return escaped(json.dumps(value, ensure_ascii=False, allow_nan=False))
    except (TypeError, ValueError):
        return f"{MISFIT}values that JSON has not"


SPELLINGS_OF_DRIVERS = Spellings(
    {
        **SPELLINGS,
        bool: lambda value: "t" if value else "f",
        Decimal: _decimal,
        datetime: _moment,
        date: date.isoformat,
        time: _clock,
        timedelta: _span,
        UUID: str,
        bytearray: in_hex,
        memoryview: in_hex,
        dict: _json,
        list: _json,
    }
)
