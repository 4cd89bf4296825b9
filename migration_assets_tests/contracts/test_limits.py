"""Limits as a contract and an operator say them."""

import pytest

from migration_assets.contracts.limits import Limits, bytes_of


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("1", 1), ("500kB", 500_000), ("20MB", 20_000_000), ("1.5 GB", 1_500_000_000), ("2MiB", 2 << 20)],
)
def test_sizes_are_read(text: str, wanted: int) -> None:
    assert bytes_of(text) == wanted


@pytest.mark.parametrize("text", ["", "MB", "-1MB", "20mb", "1e9", "20 MB/s"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no number of bytes"):
        bytes_of(text)


def test_what_is_said_later_holds_and_0_lifts_a_limit() -> None:
    contract = Limits(rows_per_second=100, connections=4)

    assert Limits(rows_per_second=0, batch_rows=5).over(contract).holding() == Limits(
        connections=4, batch_rows=5
    )
