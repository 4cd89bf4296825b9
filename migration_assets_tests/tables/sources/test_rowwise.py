"""Rows of Python values as lines, whichever way they are written."""

import math
import random

import pytest

from migration_assets.tables.sources.rowwise import SPELLINGS, Spellings, gathered, lines, mended

SPELLED = Spellings(SPELLINGS)


def test_rows_of_any_kinds_are_written_field_by_field() -> None:
    random.seed(seed := random.randrange(10**9))
    print(f"seed {seed}")
    kinds: list[list[object]] = [
        [1, -5, 2**62],
        [1.0, 2.5, 10],
        [1.5, math.nan, 1e300, math.inf],
        ["plain", "", "é"],
        ["tab\t", "\\", None, "x"],
        [None],
        [b"\x00\xff", b""],
        [1, "one", None, 1.0, b"1"],
    ]
    for _ in range(300):
        columns = [random.choice(kinds) for _ in range(random.randrange(1, 5))]
        rows = [tuple(random.choice(column) for column in columns) for _ in range(random.randrange(1, 9))]
        expected = "".join("\t".join(SPELLED[type(v)](v) for v in row) + "\n" for row in rows)
        assert lines(rows, SPELLED).decode() == expected


@pytest.mark.parametrize(
    ("value", "field"),
    [
        (None, "\\N"),
        ("\\N", "\\\\N"),
        ("\\!", "\\\\!"),
        ("a\0b", "\\!NUL character"),
        ("lone \udc80", "\\!invalid UTF-8"),
        ("\b\f\n\r\t\v\\", "\\b\\f\\n\\r\\t\\v\\\\"),
        (True, "True"),
        (object(), "\\!value of Python type object"),
    ],
)
def test_a_value_becomes_a_field(value: object, field: str) -> None:
    assert lines([(1, value)], SPELLED) == f"1\t{field}\n".encode()


def test_what_is_no_utf8_is_found_field_by_field() -> None:
    assert mended(b"a\tb\n") == b"a\tb\n"
    assert mended(b"a\tb\xff\n\xc3\tc\n", "why") == b"a\t\\!why\n\\!why\tc\n"


def test_gathered_pieces_are_the_same_bytes() -> None:
    parts = [bytes([65 + n % 26]) * random.randrange(50_000) for n in range(50)]
    pieces = list(gathered(parts))
    assert b"".join(pieces) == b"".join(parts)
    assert len(pieces) < len(parts)
