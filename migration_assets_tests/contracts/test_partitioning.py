import pytest

from migration_assets_tests.contracts.conftest import Faults

PARTITIONS = "{by: month, column: CREATED, start: 2019-01-01, end: 2020-01-01}"
PATH = "customProperties[0].value.partitions"


@pytest.mark.parametrize(
    ("said", "path", "what", "right"),
    [
        ("{by: month, column: CREATED, start: soon}", "start", "`soon` is no day", "2019-01-31"),
        ("{by: month, column: CREATED, start: 2019-02-30}", "start", "no day", ""),
        ("{by: month, column: CREATED, start: 2019}", "start", "no day", ""),
        ("{by: month, column: CREATED, start: '2019-01-01T00:00+02:00'}", "start", "no day", "in UTC"),
        ("{by: month, column: CREATED, start: 2019-01-01, end: 2018-01-01}", "end", "not after `start`", ""),
        ("{by: month, column: CREATED, start: 2019-01-01, end: 2019-01-01}", "end", "not after `start`", ""),
        ("{by: month, column: CREATED_AT_, start: 2019-01-01}", "column",
         "no column of the contract", "`created_at`"),
        ("{by: month, column: price, start: 2019-01-01}", "column",
         "price does not reach the target untouched",
         "Carry the column untouched, or partition by another one."),
        ("{by: month, column: code, start: 2019-01-01}", "column", "windows are of a date", "by value"),
        ("{by: key, rows: 5, column: created_at}", "column", "no key ranges", "by day"),
        ("{by: key, rows: 0}", "rows", "less than 1", ""),
        ("{by: value, column: created_at}", "column", "no values are told apart", ""),
        ("{by: value, column: customer, values: [1, two]}", "values[1]", "`two` is no bigint", ""),
        ("{by: value, column: customer, values: [7, '07']}", "values[1]", "twice", ""),
        ("{by: value, column: code, values: []}", "values", "fewer than 1", ""),
    ],
)  # fmt: skip
def test_partitions_whose_rows_could_not_be_found_again_are_faults(
    faults: Faults, said: str, path: str, what: str, right: str
) -> None:
    found = faults((PARTITIONS, said))
    assert [fault.path for fault in found] == [f"{PATH}.{path}"], [str(fault) for fault in found]
    assert what in found[0].what
    assert right in found[0].right


def test_key_ranges_need_a_key(faults: Faults) -> None:
    found = faults(
        (PARTITIONS, "{by: key, rows: 5}"),
        ("        primaryKey: true\n", ""),
        ("mode: upsert", "mode: replace"),
    )
    assert [fault.path for fault in found] == [PATH]
    assert found[0].right == "Say `column`."
