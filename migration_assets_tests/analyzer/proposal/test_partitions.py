"""Which tables are parted, and how."""

from migration_assets.analyzer.catalog.model import UniqueKey
from migration_assets.analyzer.proposal.partitions import LARGE, PART
from migration_assets_tests.analyzer.proposal.tables import catalog, column, proposed, table


def test_a_small_table_stays_whole() -> None:
    found = proposed(catalog(table("t", "id", primary_key=("id",), rows=1000, bytes=1 << 20)))
    assert found.tables[0].partitions is None


def test_a_large_one_is_parted_by_ranges_of_its_key_in_round_numbers() -> None:
    found = proposed(catalog(table("t", "id", primary_key=("id",), rows=10_000_000, bytes=4 << 30)))
    parted = found.tables[0].partitions
    assert parted is not None
    assert parted.column == "id"
    assert 0.5 <= parted.rows * (4 << 30) / 10_000_000 / PART <= 1


def test_a_key_of_few_values_gives_way_to_another_one() -> None:
    big = table(
        "t",
        column("country", "text"),
        column("id"),
        column("ratio", "double precision"),
        primary_key=("country", "id"),
        uniques=(UniqueKey("u", ("id",)),),
        bytes=LARGE + 1,
    )
    rows = [("de" if n % 2 else "fr", str(n), "0.5") for n in range(100)]
    from migration_assets.analyzer.proposal.propose import proposal

    found = proposal(catalog(big), lambda _: rows, lambda _: (0, 0))
    parted = found.tables[0].partitions
    assert parted is not None
    assert parted.column == "id"


def test_a_large_table_without_a_key_stays_whole_and_says_so() -> None:
    found = proposed(catalog(table("t", "a", bytes=LARGE + 1)))
    assert found.tables[0].partitions is None
    assert {"no key", "partitions"} <= {remark.kind for remark in found.remarks}
