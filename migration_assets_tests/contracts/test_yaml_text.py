import random
from decimal import Decimal
from typing import Any

import pytest
import yaml

from migration_assets.contracts import yaml_text
from migration_assets.contracts.yaml_text import SIZE_LIMIT, YamlError, read


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("NO", "NO"),
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("010", "010"),
        ("0x1F", "0x1F"),
        ("0o17", "0o17"),
        ("1_000", "1_000"),
        ("+1", "+1"),
        ("-0", 0),
        ("12", 12),
        ("-12", -12),
        ("1.10", Decimal("1.10")),
        ("1.", "1."),
        (".5", ".5"),
        ("1e3", Decimal("1e3")),
        ("1e9999", "1e9999"),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("2019-01-01", "2019-01-01"),
        ("2019-01-01 10:00:00", "2019-01-01 10:00:00"),
        ("12:30:00", "12:30:00"),
        ("1.0.0", "1.0.0"),
        ("true", True),
        ("True", "True"),
        ("FALSE", "FALSE"),
        ("null", None),
        ("~", None),
        ("", None),
        ("Null", "Null"),
        ("=", "="),
        ("<<", "<<"),
        ("'12'", "12"),
        ('"true"', "true"),
        ('"\\x41\\u00e9"', "Aé"),
        ("!!str 12", "12"),
        ("! 12", "12"),
        ("9" * 1000, 10**1000 - 1),
        ("9" * 5000, "9" * 5000),
    ],
)
def test_a_scalar_stays_what_was_written(written: str, value: object) -> None:
    found = read(f"a: {written}\n".encode()).value
    assert found == {"a": value}
    assert type(found["a"]) is type(value)


def test_keys_are_texts() -> None:
    assert read(b"NO: 1\n010: 2\ntrue: 3\n'': 4\n").value == {"NO": 1, "010": 2, "true": 3, "": 4}


def test_lists_mappings_and_blocks_are_read() -> None:
    text = b"a:\n  - b: [1, {c: d}]\n  - |\n    two\n    lines\n  -\ne: {}\nf: []\n"
    assert read(text).value == {"a": [{"b": [1, {"c": "d"}]}, "two\nlines\n", None], "e": {}, "f": []}


def test_nothing_is_read_from_an_empty_text() -> None:
    assert read(b"").value is None
    assert read(b"# only a comment\n").value is None


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert read(b"\xef\xbb\xbfa: 1\n").value == {"a": 1}


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (b"a: 1\nb: 2\na: 3\n", 3, "`a` stands here twice, first in line 1"),
        (b"x:\n  - a: 1\n    'a': 2\n", 3, "twice"),
        (b"{a: 1, a: 2}", 1, "twice"),
        (b"a: &b 1\n", 1, "anchor"),
        (b"a: 1\nb: *a\n", 2, "alias"),
        (b"a: {<<: *b}\n", 1, "alias"),
        (b"a: !!python/object/apply:os.system [ls]\n", 1, "tag"),
        (b"a: !!int 1\n", 1, "tag"),
        (b"a: !secret x\n", 1, "tag"),
        (b"a: !!binary aGk=\n", 1, "tag"),
        (b"a: 1\n---\nb: 2\n", 2, "second document"),
        (b"? [a]\n: 1\n", 1, "a key is a list or a mapping"),
        (b"a: [1\n", 2, "not YAML"),
        (b"a:\n\t- 1\n", 2, "not YAML"),
        (b"a: b: c\n", 1, "not YAML"),
        (b"a: 1\nb: \xff\n", 2, "not UTF-8"),
        (b"a: 1\nb: \x01\n", 2, "not YAML"),
        (b"a: " + b"[" * 60 + b"]" * 60, 1, "too deep"),
        (b"a: " + b"[" * 500_000, 1, "too deep"),
        (b"#" * (SIZE_LIMIT + 1), 0, "bytes"),
    ],
)
def test_what_could_mean_more_than_it_shows_is_refused(text: bytes, line: int, words: str) -> None:
    with pytest.raises(YamlError) as refused:
        read(text)
    assert words in refused.value.what
    assert refused.value.line == line


def test_a_billion_laughs_are_refused_at_once() -> None:
    text = "a: &a [x]\n" + "".join(f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}]\n" for n in range(9))
    with pytest.raises(YamlError, match="anchor"):
        read(text.encode())


def test_every_value_knows_its_line_and_its_text() -> None:
    document = read(b"# head\na:\n  - b: 1.50\n    c: [x,\n      010]\nd: |\n  long\n")
    assert document.line(("a",)) == 3
    assert document.line(("a", 0, "b")) == 3
    assert document.line(("a", 0, "c", 1)) == 5
    assert document.written(("a", 0, "b")) == "1.50"
    assert document.line(("d",)) == 6
    assert document.line(("a", 0, "missing")) == 3
    assert document.line(("nowhere", 7)) == 2


def test_texts_that_were_dumped_come_back() -> None:
    seed = random.randrange(10**9)
    print(f"seed {seed}")
    chance = random.Random(seed)
    for _ in range(300):
        value = _anything(chance, 4)
        assert read(yaml.safe_dump({"a": value}, allow_unicode=True).encode()).value == {"a": value}


def _anything(chance: random.Random, depth: int) -> Any:
    kind = chance.randrange(7 if depth else 5)
    if kind == 5:
        return [_anything(chance, depth - 1) for _ in range(chance.randrange(4))]
    if kind == 6:
        return {_word(chance): _anything(chance, depth - 1) for _ in range(chance.randrange(4))}
    return [_word(chance), chance.randrange(-(10**6), 10**6), True, None, _word(chance)][kind]


def _word(chance: random.Random) -> str:
    signs = "abN0129-:.,#'\"{}[]&*!|>%@` \n\té😀~=?"
    return "x" + "".join(chance.choices(signs, k=chance.randrange(8)))


def test_the_slow_reader_reads_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    text = b"a: {b: [010, 1.5, 'x', !!str 3]}\nc:\n  - null\n"
    quick = read(text)
    monkeypatch.setattr(yaml_text, "_LOADER", yaml.SafeLoader)
    slow = read(text)
    assert slow.value == quick.value
    assert slow.line(("c", 0)) == quick.line(("c", 0)) == 3
