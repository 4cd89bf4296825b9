"""Which sizes of parts are tried for an object whose store does not tell them."""

from migration_assets.buckets.model import Found
from migration_assets.buckets.s3.layout import MIB, Habits, candidates, own, uniform
from migration_assets.buckets.s3.way import way

#: 20 parts, of 50 MB as well as of 50 MiB
AMBIGUOUS = 1_000_000_000
FOUND = Found("large", AMBIGUOUS, "0" * 32 + "-20", "")


def test_whole_millions_of_bytes_were_rather_cut_into_whole_millions() -> None:
    assert candidates(AMBIGUOUS, 20)[0] == uniform(AMBIGUOUS, 50_000_000)
    assert candidates(AMBIGUOUS + 1, 20)[0] == uniform(AMBIGUOUS + 1, 50 * MIB)


def test_every_candidate_has_that_many_parts_and_all_bytes() -> None:
    for size in (1, 5 * MIB, 17 * MIB + 3, AMBIGUOUS, 5_000_000_000):
        for count in (1, 2, 3, 20, 96):
            for each in candidates(size, count):
                assert len(each) == count
                assert sum(each) == size


def test_what_others_of_the_source_had_is_tried_first() -> None:
    habits = Habits()
    habits.add(uniform(500 * MIB, 50 * MIB))
    assert way(FOUND, (), {}, (), habits.seen).parts == uniform(AMBIGUOUS, 50 * MIB)
    habits.add(uniform(500_000_000, 50_000_000))
    assert way(FOUND, (), {}, (), habits.seen).parts == uniform(AMBIGUOUS, 50_000_000)


def test_a_layout_that_was_wrong_is_not_tried_again_before_all_others() -> None:
    first = way(FOUND, (), {}).parts
    second = way(FOUND, (), {}, [first]).parts
    assert {first, second} == set(candidates(AMBIGUOUS, 20))
    habits = Habits()
    habits.add(first)
    assert way(FOUND, (), {}, [first], habits.seen).parts == second
    assert way(FOUND, (), {}, [first, second]).parts == first


def test_the_layout_of_a_single_upload_is_nobodys_habit() -> None:
    habits = Habits()
    habits.add((3 * MIB,))
    assert habits.seen == ()


def test_no_object_of_five_tib_has_too_many_parts() -> None:
    parts = own(5 << 40)
    assert len(parts) <= 10_000
    assert sum(parts) == 5 << 40
