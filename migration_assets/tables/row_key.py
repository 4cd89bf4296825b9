"""A row's key, for people."""

import hashlib
from collections.abc import Mapping

from migration_assets.contracts.model import Contract


def shown_key(contract: Contract, key: Mapping[str, str | None], number: int) -> str:
    """A row's key for people: `column=value`, personal values as a hash; `row n` without a key."""
    if not key or any(value is None for value in key.values()):
        return f"row {number}"
    shown = []
    for name, value in key.items():
        if contract.column(name).personal:
            value = "#" + hashlib.sha256(str(value).encode()).hexdigest()[:8]
        shown.append(f"{name}={value}")
    return ", ".join(shown)
