"""Contracts are written into the test's folder and read from there, as an operator's are."""

from collections.abc import Callable
from pathlib import Path

import pytest

from migration_assets.contracts.loader import load
from migration_assets.contracts.model import Contract
from migration_assets.errors import ContractFaults, Fault
from migration_assets_tests.contracts.example import CUSTOMERS, ORDERS

Read = Callable[..., dict[str, Contract]]
Faults = Callable[..., list[Fault]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Loads a folder of contracts: `orders` and `customers`, or the texts that are given by name."""

    def written(**texts: str) -> dict[str, Contract]:
        for name, text in {"orders": ORDERS, "customers": CUSTOMERS, **texts}.items():
            if text:
                (tmp_path / f"{name}.odcs.yaml").write_text(text)
        return load(tmp_path)

    return written


@pytest.fixture
def faults(read: Read) -> Faults:
    """All faults of such a folder; the texts of `orders` may be given as changes to it."""

    def found(*changes: tuple[str, str], **texts: str) -> list[Fault]:
        text = texts.pop("orders", ORDERS)
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new)
        with pytest.raises(ContractFaults) as refused:
            read(orders=text, **texts)
        assert refused.value.exit_code == 2
        return list(refused.value.faults)

    return found
