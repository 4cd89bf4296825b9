"""What is called a difference while both sides live, by a clock of the test's own."""

from collections import Counter
from collections.abc import Sequence

from migration_assets.tables.verify.findings import Rows
from migration_assets.tables.verify.settling import settled
from migration_assets_tests.tables.shop import ORDERS

COLUMNS = ("id", "customer_id", "note")


def rows(source: dict[str, str], target: dict[str, str]) -> Rows:
    def side(of: dict[str, str]) -> dict[tuple[bytes, ...], Counter[bytes]]:
        return {(key.encode(),): Counter([f"{key}\t1\t{note}\n".encode()]) for key, note in of.items()}

    return Rows(ORDERS, COLUMNS, side(source), side(target))


class Life:
    """Both sides as they are one after another, a tenth of a second each."""

    def __init__(self, *moments: tuple[dict[str, str], dict[str, str]]) -> None:
        self.moments, self.now, self.looks = moments, 0.0, 0

    def again(self, keys: Sequence[tuple[bytes, ...]]) -> Rows:
        self.looks += 1
        at = min(round(self.now * 10), len(self.moments) - 1)
        wanted = {key[0].decode() for key in keys}
        return rows(*({k: v for k, v in side.items() if k in wanted} for side in self.moments[at]))

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def settle(life: Life, quiet: float = 0.2, patience: float = 2.0) -> tuple[list[str], int]:
    found = settled(
        rows(*life.moments[0]), life.again, quiet=quiet, patience=patience, clock=life.clock, sleep=life.sleep
    )
    return sorted(key[0].decode() for key in found.rows.keys), found.agreed


def test_what_holds_still_and_differs_is_a_difference_after_one_look() -> None:
    life = Life(({"1": "a"}, {"1": "b"}))
    assert settle(life) == (["1"], 0)
    assert life.looks == 1


def test_what_comes_to_agree_is_none() -> None:
    assert settle(Life(({"1": "a"}, {}), ({"1": "a"}, {}), ({"1": "a"}, {"1": "a"}))) == ([], 1)


def test_what_changes_is_waited_for() -> None:
    late = Life(
        ({"1": "a"}, {"1": "0"}),
        *[({"1": "b"}, {"1": "a"})] * 2,
        ({"1": "b"}, {"1": "a"}),
        ({"1": "b"}, {"1": "b"}),
    )
    assert settle(late) == ([], 1)


def test_what_never_holds_still_is_a_difference_in_the_end() -> None:
    life = Life(*(({"1": f"a{at}"}, {"1": f"b{at}"}) for at in range(100)))
    assert settle(life) == (["1"], 0)
    assert 1.9 < life.now < 2.6


def test_a_row_that_both_sides_have_lost_is_no_difference() -> None:
    assert settle(Life(({"1": "a"}, {}), ({}, {}), ({}, {}))) == ([], 1)
