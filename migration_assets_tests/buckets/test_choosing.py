from collections import Counter
from collections.abc import Iterator

import pytest

from migration_assets.buckets.choosing import chosen, pairs
from migration_assets.buckets.index import Index
from migration_assets.buckets.model import Decision, Found
from migration_assets.buckets.tally import Expected
from migration_assets.contracts.bucket_model import ReadBack


def there(number: int, ending: str = "") -> Index[Expected]:
    """Every other one is ours."""
    names = (f"{at:04d}{ending}" for at in range(number))
    return Index((name, Expected(name, 1, None, True, at % 2 == 0)) for at, name in enumerate(names))


def decisions(*keys: str, version: str = "") -> Iterator[Decision]:
    for at, key in enumerate(keys):
        yield Decision(Found(key, 1, "e", "", version=f"{version}{at}" if version else ""), "copy", "", key)


def test_of_what_this_migration_has_put_there_a_hundred_and_a_few_are_looked_at() -> None:
    found = chosen(there(3000), 1500, "never", 1)

    assert found.read is not None
    assert (len(found.asked), len(found.read)) == (100, 20)
    assert all(int(name) % 2 == 0 for name in found.asked | found.read)


def test_of_many_one_in_a_hundred_is() -> None:
    assert len(chosen(there(30_000), 15_000, "never", 1).asked) == 150


@pytest.mark.parametrize(("read_back", "read"), [("never", 40), ("sample", 100), ("all", None)])
def test_the_contract_says_how_many_are_read(read_back: ReadBack, read: int | None) -> None:
    expected = there(300)
    for at in range(300):
        expected.put(f"{at}.png", Expected(f"{at}.png", 1, None, True, True))

    found = chosen(expected, 450, read_back, 1)

    assert (len(found.read) if found.read is not None else None) == read


def test_every_object_has_the_same_chance() -> None:
    drawn = Counter(name for seed in range(60) for name in chosen(there(400), 200, "never", seed).asked)

    assert len(drawn) == 200
    assert 10 < min(drawn.values()) <= max(drawn.values()) < 50


def test_of_several_versions_of_a_key_the_newest_is_looked_at() -> None:
    expected = Index((key, Expected(key, 1, None, True, True)) for key in ("a", "b", "c"))

    found = list(pairs(decisions("a", "a", "b", "c", version="v"), expected, frozenset({"a", "c"})))

    assert [(each.target, each.found.version) for each in found] == [("a", "v1"), ("c", "v3")]
