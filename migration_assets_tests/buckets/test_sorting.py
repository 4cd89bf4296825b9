import random
from pathlib import Path

import pytest

from migration_assets.buckets import sorting
from migration_assets_tests.planning.buckets import keys


def test_rows_are_sorted_by_the_bytes_of_their_keys_a_few_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sorting, "AT_ONCE", 50)
    monkeypatch.setattr(sorting, "PIECE", 7)
    wanted = [(key, at, "STANDARD") for at, key in enumerate(keys(3, 400))]
    shuffled = random.Random(4).sample(wanted, len(wanted))

    assert list(sorting.in_order(shuffled, tmp_path)) == wanted
    assert list(sorting.in_order([], tmp_path)) == []
