"""The README's figures are those of `benchmark/results.json`."""

from dataclasses import replace
from pathlib import Path

import pytest

from benchmark.plot import svg
from benchmark.readme import BEGIN, END, section, with_section
from benchmark.results import Entry, read

ROOT = Path(__file__).resolve().parent.parent.parent
RESULTS = ROOT / "benchmark" / "results.json"

ENTRY = Entry(
    "case", "whole", 2_000_000, 3, 4.0, 2.0, 500_000, 6.0, 120.0, True,
    measured_at="2020-01-01T00:00:00Z", command="make bench", machine="a desk",
)  # fmt: skip


def test_the_readme_says_what_the_results_say() -> None:
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    found = read(RESULTS) if RESULTS.exists() else []

    assert with_section(page, section(found)) == page


@pytest.mark.skipif(not RESULTS.exists(), reason="no results are in the repository yet")
def test_the_picture_shows_what_the_results_say() -> None:
    assert RESULTS.with_suffix(".svg").read_text(encoding="utf-8") == svg(read(RESULTS))


def test_a_section_names_the_day_and_the_command() -> None:
    text = section([ENTRY])

    assert text.startswith("Measured on 2020-01-01 by `make bench` (a desk)")
    assert "|  | case (3 rounds) |" in text
    assert "| whole | 2.00 × (500) |" in text


def test_a_section_says_who_damaged_values() -> None:
    hurt = replace(ENTRY, contender="other", exact=False)
    lost = replace(hurt, case="fragile", ratio_to_pipe=None, note="values changed: words; other types: many")

    text = section([ENTRY, hurt, replace(ENTRY, case="fragile", ratio_to_pipe=None), lost])

    assert "| other | 2.00 × (500), values damaged |" in text
    assert text.endswith("every value arrived as it was by whole. Not by other (values changed: words).")


def test_only_what_is_between_the_marks_changes() -> None:
    page = f"before\n{BEGIN}\nold\n{END}\nafter\n"

    assert with_section(page, "new") == f"before\n{BEGIN}\nnew\n{END}\nafter\n"


def test_a_name_in_the_picture_is_escaped() -> None:
    assert "a &lt; b" in svg([Entry("case", "a < b", 1, 1, 1.0, 3.0, 1, 1.0, 1.0, True)])
