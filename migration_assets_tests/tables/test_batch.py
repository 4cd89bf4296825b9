"""A batch comes out the same whether its columns go by distinct values or row by row."""

import random
from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest

from migration_assets.contracts.model import Column, Contract, Quality, TableName
from migration_assets.errors import StagingRefused
from migration_assets.tables import distinct
from migration_assets.tables.batch import BatchJudge, Judged
from migration_assets.tables.mapping import mapping
from migration_assets.tables.sources.base import SourceColumn, SourceTable
from migration_assets_tests.tables.by_hand import contract

#: fields as a source stages them, by the name of their column
FIELDS: dict[str, tuple[str | None, tuple[str, ...]]] = {
    "number": ("bigint", ("\\N", "0", "7", "-7", "9223372036854775807", "-9223372036854775808")),
    "amount": ("numeric(10,2)", ("\\N", "0.00", "1.10", "-0.01", "NaN", "99999999.99")),
    "free": ("numeric", ("\\N", "NaN", "Infinity", "1.500", "-12345678901234567890.5")),
    "ratio": ("double precision", ("\\N", "NaN", "-Infinity", "0.1", "1e+300", "-0", "5e-324")),
    "flag": ("boolean", ("\\N", "t", "f")),
    "born": (
        "date",
        ("\\N", "infinity", "-infinity", "0044-03-15 BC", "12345-01-01", "1999-12-31", "2020-02-29"),
    ),
    "seen": (
        "timestamp without time zone",
        (
            "\\N",
            "infinity",
            "0044-03-15 10:00:00.5 BC",
            "2020-01-01 10:00:00",
            "294276-12-31 23:59:59.999999",
        ),
    ),
    "known": ("timestamp with time zone", ("\\N", "-infinity", "2020-01-01 10:00:00.000001+00")),
    "word": (
        "text",
        ("\\N", "", "a\\tb", "\\\\N", "\\\\", "Ä😀 ", "x\\ny", "\ufeffx", "\x01", "  pad ", "N"),
    ),
    "code": ("character(3)", ("\\N", "ab ", "   ", "\\\\  ")),
    "loose": (None, ("\\N", "5", " 6", "5.5", "seven", "\\\\x6869", "\\!a value that nobody reads", "1e2")),
}
TABLE = SourceTable(
    TableName(None, "t"),
    tuple(SourceColumn(name, kind or "anything", kind) for name, (kind, _) in FIELDS.items()),
)


def made(name: str, type: str, expression: str, **more: object) -> Column:
    return Column(name, type, expression=expression, **more)  # type: ignore[arg-type]


def kept(name: str, type: str, source: str, **more: object) -> Column:
    return Column(name, type, sources=(source,), **more)  # type: ignore[arg-type]


INVALID = Quality(
    "odd_amounts",
    "metric",
    False,
    "",
    "mustBe",
    0,
    metric="invalidValues",
    arguments={"validValues": ["1.10", "0.00", "-0.01"], "minimum": 0},
)
CONTRACT: Contract = contract(
    "t",
    kept("number", "bigint", "number", options={"minimum": -7, "multipleOf": 7}),
    kept("amount", "numeric(10,2)", "amount", options={"exclusiveMaximum": 50}, quality=(INVALID,)),
    kept("narrow", "numeric(4,1)", "amount"),
    made("half", "numeric(12,3)", "amount / 2", options={"minimum": 0}),
    made("twice", "bigint", "number * 2"),
    kept("free", "numeric", "free", options={"minimum": 1}),
    kept("ratio", "double precision", "ratio", options={"maximum": 1}),
    made(
        "sign",
        "text",
        "CASE WHEN flag THEN '+' WHEN NOT flag THEN '\\' || chr(9) ELSE NULL END",
        required=True,
    ),
    kept("born", "date", "born", options={"minimum": "1990-01-01", "maximum": "2020-12-31"}),
    made("next", "date", "born + 1"),
    kept("seen", "timestamp", "seen", options={"minimum": "2000-01-01T00:00:00"}),
    made("day", "date", "seen::DATE"),
    kept("known", "timestamp with time zone", "known", options={"maximum": "2020-01-01T10:00:00+00:00"}),
    kept(
        "word", "character varying(4)", "word", required=True, options={"pattern": "^[^N]*$", "minLength": 1}
    ),
    made("shout", "text", "upper(trim(word)) || coalesce(code, '?') || number", enum=("?", "Ä😀ab 7")),
    made("code", "text", "rtrim(code)"),
    kept("loose", "integer", "loose", options={"minimum": 6}),
    made("loosely", "numeric(8,2)", "TRY_CAST(loose AS DECIMAL(8,2))"),
    made("always", "integer", "42"),
    made("hazard", "integer", "(random() * 0)::INTEGER"),
)


def lines(chance: random.Random, rows: int, width: int) -> bytes:
    """Rows whose columns have a few distinct values each, or up to `width` of the nasty ones."""
    choices = [chance.sample(texts, min(len(texts), width)) for _, texts in FIELDS.values()]
    return "".join("\t".join(map(chance.choice, choices)) + "\n" for _ in range(rows)).encode()


def judged(staged: bytes, one: Contract, rows_each: int, monkeypatch: pytest.MonkeyPatch) -> list[Judged]:
    """Twice by one judge, so that what it knows of the first time is used."""
    monkeypatch.setattr(distinct, "ROWS_EACH", rows_each)
    judge = BatchJudge(mapping(one, TABLE))
    return [judge.judge(staged, 1, {3: "number_unique"}), judge.judge(staged[: len(staged)], 1, {})]


@pytest.fixture
def reordered() -> Callable[[bytes, Contract], bytes]:
    """The fields in the order in which the mapping reads them."""

    def reordered(staged: bytes, one: Contract) -> bytes:
        places = [list(FIELDS).index(column.name) for column in mapping(one, TABLE).reading]
        rows = [line.split("\t") for line in staged.decode().split("\n")[:-1]]
        return "".join("\t".join(row[place] for place in places) + "\n" for row in rows).encode()

    return reordered


@pytest.mark.parametrize("bad", ["any", "none"])
def test_by_distinct_values_a_batch_comes_out_as_row_by_row(
    bad: str, reordered: Callable[[bytes, Contract], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    good = replace(CONTRACT, columns=tuple(c for c in CONTRACT.columns if c.name in GOOD))
    one = CONTRACT if bad == "any" else good
    for _ in range(4):
        staged = reordered(lines(chance, chance.choice([1, 5, 40]), chance.choice([1, 2, 20])), one)
        few = judged(staged, one, 0, monkeypatch)
        many = judged(staged, one, 1 << 40, monkeypatch)
        assert [without_hindsight(found) for found in few] == [without_hindsight(found) for found in many]
        assert few[0].rows == few[0].lines.count(b"\n") + len(few[0].bad)


#: columns for which no value of FIELDS is a misfit
GOOD = ("number", "amount", "free", "ratio", "born", "seen", "known", "code")


def without_hindsight(found: Judged) -> object:
    """All but the words of a misfit: which one of several a row is told of is left open."""
    bad = [(row.number, row.key, sorted(row.reasons), row.row) for row in found.bad]
    return found.rows, found.lines, bad, found.broken, found.warned, found.unique


def test_a_batch_that_nothing_maps_passes_as_the_same_bytes() -> None:
    one = contract(
        "t", kept("number", "bigint", "number", options={"minimum": 0}), kept("word", "text", "word")
    )
    staged = b"1\ta\\\\b\n2\t\\N\n"
    assert BatchJudge(mapping(one, TABLE)).judge(staged, 1, {}).lines is staged


def test_staged_lines_of_another_width_are_refused() -> None:
    judge = BatchJudge(mapping(contract("t", kept("number", "bigint", "number", required=True)), TABLE))
    for staged in (b"1\t2\n", b"1", b"1\n2\t3\n", b"\xff\n"):
        with pytest.raises(StagingRefused, match="not lines of 1 fields"):
            judge.judge(staged, 1, {})


def test_a_function_that_is_not_repeatable_is_asked_for_every_row() -> None:
    one = contract("t", made("chance", "text", "word || random()"))
    found = BatchJudge(mapping(one, TABLE)).judge(b"a\n" * 100, 1, {})
    assert len(set(found.lines.split(b"\n"))) == 101


def swapped(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(code=frame["word"].str.upper())


def test_a_hook_and_expressions_make_one_row_together() -> None:
    one = contract(
        "t",
        kept("word", "text", "word"),
        kept("code", "text", "word"),
        made("shout", "text", "lower(word)"),
        hook=f"{__name__}:swapped",
    )
    fields = ["\\N"] * len(FIELDS)
    read = [column.name for column in mapping(one, TABLE).reading]
    fields[read.index("word")] = "aB\\\\"
    found = BatchJudge(mapping(one, TABLE)).judge(("\t".join(fields) + "\n").encode() * 8, 1, {})
    assert found.lines == b"aB\\\\\tAB\\\\\tab\\\\\n" * 8


def test_a_required_column_names_its_rows_where_there_is_no_rule_beside_it() -> None:
    one = contract("t", kept("word", "text", "word", required=True), kept("number", "bigint", "number"))
    found = BatchJudge(mapping(one, TABLE)).judge(b"a\t1\n\\N\t2\nb\t\\N\n", 1, {})

    assert {bad.number: dict(bad.reasons) for bad in found.bad} == {
        2: {"schema": "column word is NULL but required"}
    }
    assert found.lines == b"a\t1\nb\t\\N\n"
