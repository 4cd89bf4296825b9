"""What a reading leaves of its rows."""

import random
import tempfile

from migration_assets.tables.fingerprint import Tally
from migration_assets.tables.verify.digests import Digests
from migration_assets.tables.verify.unlike import unlike


def lines(*texts: str) -> list[bytes]:
    return [f"{text}\n".encode() for text in texts]


def test_the_fingerprint_is_the_one_of_a_load() -> None:
    rows = lines(*(f"{number}\tvalue {number * 7919}" for number in range(5000)))
    tally = Tally()
    tally.add_rows(rows)
    with tempfile.TemporaryFile() as file:
        digests = Digests(file)
        for first in range(0, len(rows), 999):
            digests.add(rows[first : first + 999])
        assert digests.fingerprint() == tally.fingerprint()


def test_rows_that_are_left_out_do_not_count_and_keep_the_others_places() -> None:
    with tempfile.TemporaryFile() as one, tempfile.TemporaryFile() as other:
        whole, part = Digests(one), Digests(other)
        whole.add_among(lines("a", "c", "d"), 4, {1})
        assert whole.leave_out([3, 1]) == 1
        part.add(lines("a", "c"))
        assert whole.fingerprint() == part.fingerprint()
        assert whole.places == 4
        found = unlike((one, 4), (other, 2), 10)
        assert (found.source_places, found.target_places) == ((), ())


def test_a_row_that_is_there_more_often_is_one_row_too_many() -> None:
    with tempfile.TemporaryFile() as one, tempfile.TemporaryFile() as other:
        left, right = Digests(one), Digests(other)
        left.add(lines("a", "b", "b", "c"))
        right.add(lines("c", "b", "a", "a"))
        left.fingerprint(), right.fingerprint()
        found = unlike((one, 4), (other, 4), 10)
        assert (found.source, found.target) == (1, 1)
        assert found.source_places == (2,)
        assert found.target_places == (3,)


def test_whatever_two_readings_do_not_share_is_found(pytestconfig: object) -> None:
    seed = random.randrange(1 << 30)
    print(f"seed {seed}")
    chance = random.Random(seed)
    for _ in range(20):
        rows = [chance.randrange(3000) for _ in range(chance.randrange(1, 4000))]
        others = [row for row in rows if chance.random() > 0.01] + [chance.randrange(4000) for _ in range(5)]
        chance.shuffle(others)
        with tempfile.TemporaryFile() as one, tempfile.TemporaryFile() as other:
            for file, side in ((one, rows), (other, others)):
                digests = Digests(file)
                digests.add(lines(*map(str, side)))
                digests.fingerprint()
            found = unlike((one, len(rows)), (other, len(others)), 10_000)
        left, right = list(rows), list(others)
        for row in list(left):
            if row in right:
                left.remove(row)
                right.remove(row)
        assert sorted(rows[place] for place in found.source_places) == sorted(left)
        assert sorted(others[place] for place in found.target_places) == sorted(right)
        assert (found.source, found.target) == (len(left), len(right))
