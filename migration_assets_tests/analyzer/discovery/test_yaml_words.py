"""Text of contracts: whatever the words, every reader of YAML reads the same."""

import random

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from migration_assets.analyzer.discovery.yaml_words import Flow, written
from migration_assets.contracts.yaml_text import read

NASTY = ["yes", "No", "null", "~", "1.0", "010", "0x1F", "2019-01-01", "12:30", "a: b", "a #b", "- a", "?", "",
         " a", "a ", "it's", '"', "\\", "{a}", "[", "&a", "*a", "!t", "%", "@", "`", "a\nb", "é", "\u2028", "=", "<<",
         "-", "on", "1_000", ".inf", "e1", "\x7f", "\x85", "\ufeff", "😀"]  # fmt: skip


def readings(text: str) -> list[object]:
    return [read(text.encode()).value, yaml.safe_load(text), YAML(typ="safe", pure=True).load(text)]


@pytest.mark.parametrize("word", NASTY)
def test_a_word_is_read_as_it_was_meant(word: str) -> None:
    document = {"key": word, "list": [word, word], "deep": [{"a": word, "b": Flow({"c": word})}]}
    if word != "<<":
        document[f"k{word}"] = 1  # type: ignore[assignment]
    for found in readings(written(document)):
        assert found == document


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=30))
def test_any_text_is_read_as_it_was_meant(text: str) -> None:
    document = {"a": text, "b": Flow(c=[text])}
    said = written(document)
    assert yaml.safe_load(said) == document


def test_short_lists_stand_in_a_line_and_long_ones_do_not() -> None:
    chance = random.Random(1)
    words = ["".join(chance.choices("abc", k=12)) for _ in range(12)]
    text = written({"short": ["a", "b"], "long": words, "maps": [Flow(a=1), Flow(b=True)], "none": None})
    assert text.startswith("short: [a, b]\nlong:\n  - ")
    assert text.endswith("maps:\n  - {a: 1}\n  - {b: true}\nnone: null\n")
