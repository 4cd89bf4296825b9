"""The Python hook: a frame of typed source values in, a frame with the target's columns out."""

import importlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd

from migration_assets.errors import MappingFault

Hook = Callable[[pd.DataFrame], pd.DataFrame]


def imported(path: str) -> Hook:
    """The function that `package.module:function` names; MappingFault when there is none."""
    module, _, name = path.partition(":")
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as fault:
        raise MappingFault(
            f"The transform {path} cannot be imported ({type(fault).__name__}).",
            advice="Correct `migration.transform`, then run `migrate contracts check`.",
        ) from None


def applied(hook: Hook, path: str, frame: pd.DataFrame) -> pd.DataFrame:
    """What the hook makes of the frame; MappingFault when it loses or adds rows, or fails."""
    rows = len(frame)
    try:
        made: Any = hook(frame)
    except Exception as fault:
        raise MappingFault(
            f"The transform {path} failed with {type(fault).__name__} (its words are left out: "
            "they may hold row values).",
            advice="Correct it and materialize `transformed` again.",
        ) from None
    if not isinstance(made, pd.DataFrame) or list(made.index) != list(range(rows)):
        raise MappingFault(
            f"The transform {path} must return a DataFrame with the same index as it was given.",
            advice="Filter rows by `from.where`, or refuse them by rules; correct it and run again.",
        )
    return made


def text(value: Any) -> str | None:
    """A Python value as text that says it exactly; None for every kind of missing value, among which
    pandas counts NaN in columns of NumPy's types."""
    match value:
        case None:
            return None
        case bool():
            return "t" if value else "f"
        case float():
            return None if value != value else repr(value)
        case Decimal():
            return format(value, "f")
        case bytes() | bytearray() | memoryview():
            return "\\x" + bytes(value).hex()
        case datetime():
            return None if pd.isna(value) else value.isoformat(sep=" ")
        case timedelta():
            return None if pd.isna(value) else _span(value)
        case dict() | list():
            return json.dumps(value, ensure_ascii=False, default=str)
        case _:
            return None if pd.isna(value) else str(value)


def _span(value: timedelta) -> str:
    """As an interval of days and a time that have the same sign."""
    sign, length = ("-", -value) if value < timedelta() else ("", value)
    minutes, seconds = divmod(length.seconds, 60)
    clock = f"{sign}{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}.{length.microseconds:06d}"
    return f"{sign}{length.days} days {clock}"
