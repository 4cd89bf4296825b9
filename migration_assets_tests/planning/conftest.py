"""A small contract of which a test changes what it is about."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from migration_assets.contracts.model import Column, Contract, Server, TableName


@pytest.fixture
def a_contract(tmp_path: Path) -> Callable[..., Contract]:
    """Makes a contract over `orders` whose file would stand in the test's folder."""

    def make(**changes: Any) -> Contract:
        said: dict[str, Any] = {
            "name": "orders",
            "version": "1",
            "digest": "0" * 64,
            "file": str(tmp_path / "orders.odcs.yaml"),
            "source": Server("legacy", "mysql"),
            "target": Server("cloud", "postgres"),
            "source_table": TableName(None, "orders"),
            "target_table": TableName("public", "orders"),
            "columns": (
                Column("id", "bigint", sources=("ORDER_ID",)),
                Column("code", "text", sources=("code",)),
                Column("price", "numeric(12,2)", sources=("price",)),
                Column("made_at", "timestamp", sources=("created",)),
            ),
            "primary_key": ("id",),
        }
        return Contract(**{**said, **changes})

    return make
