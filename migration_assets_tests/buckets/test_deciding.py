from dataclasses import replace

import pytest

from migration_assets.buckets.deciding import Conflict, Equal, Rule, Seen, decided, equal
from migration_assets.buckets.model import Found, There

FOUND = Found("a", 3, "0" * 32, "2026-01-01T00:00:00Z")
THERE = There("a", 3, "1" * 32)


def action(seen: Seen, conflict: Conflict = "skip_equal", largest: int | None = None) -> tuple[str, str]:
    made = decided(seen, Rule(conflict, largest, 1024))
    assert made.reason or made.action == "copy"
    return made.action, made.target


@pytest.mark.parametrize(
    ("conflict", "same", "ours", "then"),
    [
        ("skip_equal", "yes", False, ("skip", "a")),
        ("skip_equal", "no", False, ("refuse", "a")),
        ("skip_equal", "unknown", False, ("refuse", "a")),
        ("skip_equal", "no", True, ("copy", "a")),
        ("refuse", "yes", False, ("refuse", "a")),
        ("refuse", "yes", True, ("skip", "a")),
        ("refuse", "no", True, ("copy", "a")),
        ("overwrite", "yes", False, ("skip", "a")),
        ("overwrite", "unknown", False, ("copy", "a")),
        ("keep_both", "yes", False, ("skip", "a")),
        ("keep_both", "no", False, ("copy", "a.migrated")),
    ],
)
def test_what_is_there_decides_by_the_rule(
    conflict: Conflict, same: Equal, ours: bool, then: tuple[str, str]
) -> None:
    assert action(Seen(FOUND, "a", THERE, same, ours), conflict) == then


def test_what_would_take_the_place_of_something_knows_what_was_there() -> None:
    assert decided(Seen(FOUND, "a", THERE), Rule("overwrite")).before == THERE
    assert decided(Seen(FOUND, "a", THERE), Rule("keep_both")).before is None


def test_nothing_there_is_copied_whatever_the_rule() -> None:
    for conflict in ("skip_equal", "refuse", "overwrite", "keep_both"):
        assert action(Seen(FOUND, "a"), conflict) == ("copy", "a")


def test_what_was_archived_and_is_restored_is_copied() -> None:
    assert action(Seen(replace(FOUND, storage_class="GLACIER", restored=True), "a")) == ("copy", "a")


def test_a_version_that_was_moved_is_not_made_again_though_another_one_is_there() -> None:
    version = replace(FOUND, version="v1", latest=False)
    assert action(Seen(version, "a", THERE, ours=True, stands=True)) == ("skip", "a")
    assert action(Seen(replace(version, marker=True), "a", stands=True)) == ("skip", "a")
    assert action(Seen(replace(version, marker=True), "a")) == ("copy", "a")


def test_what_cannot_be_moved_is_refused_with_its_reason() -> None:
    archived = Found("a", 3, "", "", storage_class="DEEP_ARCHIVE")
    assert action(Seen(archived, "a"))[0] == "refuse"
    assert action(Seen(FOUND, "a"), largest=2)[0] == "refuse"
    assert action(Seen(FOUND, "\u00e9" * 513))[0] == "refuse"
    assert action(Seen(FOUND, ""))[0] == "refuse"
    assert action(Seen(FOUND, "a", collides="b"))[0] == "refuse"
    assert action(Seen(FOUND, "a", fault="`key` gives nothing"))[0] == "refuse"
    assert action(Seen(FOUND, "a", skip="an index"))[0] == "skip"


@pytest.mark.parametrize(
    ("there", "proven", "then"),
    [
        (None, None, "no"),
        (There("a", 3, "0" * 32), None, "yes"),
        (There("a", 3, "1" * 32), None, "no"),
        (There("a", 4, "0" * 32), None, "no"),
        (There("a", 3, f"{'1' * 32}-2"), None, "unknown"),
        (There("a", 3, f"{'1' * 32}-2"), There("a", 3, f"{'1' * 32}-2"), "yes"),
        (There("a", 3, "", digests={"md5": "0" * 32}), None, "yes"),
        (There("a", 3, f"{'1' * 32}-2"), There("a", 3, f"{'1' * 32}-2", "v1"), "yes"),
        (There("a", 3, f"{'1' * 32}-2", "v2"), There("a", 3, f"{'1' * 32}-2", "v1"), "unknown"),
    ],
)
def test_two_listings_and_a_record_tell_whether_bytes_are_the_same(
    there: There | None, proven: There | None, then: str
) -> None:
    assert equal(FOUND, there, proven) == then
