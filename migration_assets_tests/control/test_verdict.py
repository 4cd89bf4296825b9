"""What is verified, and what is not."""

from migration_assets.control.records import Failure, Tally
from migration_assets.control.verdict import ContractVerdict, judge
from migration_assets_tests.control.shop import ORDERS

HELD = {"count": Tally(True, 2, 0), "advice": Tally(False, 2, 0)}


def judged(loaded: dict[str, int], failed: dict[str, Failure] | None = None, checks=HELD) -> ContractVerdict:
    return judge(
        ORDERS,
        ("a", "b"),
        loaded=loaded,
        failed=failed or {},
        checks=checks,
        otherwise="Nobody knows.",
        seconds=1.0,
        quarantined=0,
    )


def test_all_partitions_with_all_blocking_checks_are_verified() -> None:
    verdict = judged({"a": 3, "b": 4})
    assert verdict.verified
    assert verdict.rows == 7
    assert verdict.failures == ()


def test_a_missing_partition_is_never_verified_and_has_a_reason() -> None:
    verdict = judged({"a": 3}, {"b": Failure("orders", "b", "loaded", "Too many rows.")})
    assert not verdict.verified
    assert [failure.reason for failure in verdict.failures] == ["Too many rows."]
    assert judged({"a": 3}).failures[0].reason == "Nobody knows."


def test_a_blocking_check_that_was_not_made_is_as_bad_as_one_that_failed() -> None:
    assert not judged({"a": 3, "b": 4}, checks={"count": Tally(True, 1, 0)}).verified
    assert not judged({"a": 3, "b": 4}, checks={"count": Tally(True, 1, 1)}).verified


def test_a_check_that_does_not_block_is_a_warning() -> None:
    verdict = judged({"a": 3, "b": 4}, checks={**HELD, "advice": Tally(False, 1, 1)})
    assert verdict.verified
    assert verdict.warnings == {"advice": 1}
