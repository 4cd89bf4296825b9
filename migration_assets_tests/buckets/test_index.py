import random
from pathlib import Path

import pytest

from migration_assets.buckets import index
from migration_assets.buckets.index import Index
from migration_assets.errors import Passing

#: among them the order of bytes and that of UTF-16 differ, and one that no text may hold
ODD = ["", "a", "a//b", "\udcff", "\uffff", "\U0001f600", "é", "e\u0301", "\t\n", "ä" * 512]


def test_it_holds_what_a_mapping_would_in_the_order_of_the_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "AT_ONCE", 7)
    monkeypatch.setattr(index, "UNWRITTEN", 5)
    seed = random.randrange(1 << 31)
    print("seed", seed)
    chance = random.Random(seed)
    names = [*ODD, *(str(chance.randrange(10**6)) for _ in range(50))]
    expected: dict[str, int] = {}
    made: Index[int] = Index((name, -1) for name in names[:20])
    expected |= dict.fromkeys(names[:20], -1)
    for number in range(500):
        name = chance.choice(names)
        match chance.randrange(4):
            case 0:
                made.put(name, number)
                expected[name] = number
            case 1:
                made.away(name)
                expected.pop(name, None)
            case 2:
                assert made.first(name, number) == expected.setdefault(name, number)
            case _:
                assert made.get(name) == expected.get(name)
                assert (name in made) == (name in expected)
    in_order = sorted(expected, key=lambda name: name.encode("utf-8", "surrogatepass"))
    assert list(made.items()) == [(name, expected[name]) for name in in_order]
    assert len(made) == len(expected)


def test_no_file_of_it_has_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SQLITE_TMPDIR", str(tmp_path))
    made: Index[str] = Index()
    for number in range(3000):
        made.put(str(number), "x" * 3000)

    assert len(made) == 3000
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_told_and_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    made: Index[str] = Index([("0", "x")])
    assert list(made.items()) == [("0", "x")]
    made._there.execute("PRAGMA max_page_count = 2")  # pyright: ignore

    def fill() -> None:
        for number in range(index.UNWRITTEN):
            made.put(str(number), "x" * 1000)

    with pytest.raises(Passing, match="temporary files is full"):
        fill()
