"""The page and the document: whole, harmless, and without values of personal columns."""

import json
import re
import sqlite3
import stat
from html.parser import HTMLParser
from pathlib import Path

import pytest

from migration_assets.analyzer.profile.model import Profile
from migration_assets.analyzer.profile.report import page, write
from migration_assets.analyzer.profile.survey import Wanted, profile

HOSTILE = "<script>alert('x')</script>"
VOID = {"meta", "br", "rect", "line"}


@pytest.fixture
def found(tmp_path: Path) -> Profile:
    with sqlite3.connect(tmp_path / "old.db") as old:
        old.execute("CREATE TABLE people (id INTEGER PRIMARY KEY, last_name TEXT, town TEXT, age INTEGER)")
        rows = [(n, "Moneypenny", HOSTILE, n % 50) for n in range(1, 100)]
        old.executemany("INSERT INTO people VALUES (?, ?, ?, ?)", [*rows, (100, "Bond", "Riga", "old")])
    return profile(Wanted("legacy"), {}, {"LEGACY_URL": f"sqlite:///{tmp_path / 'old.db'}"})


class Tags(HTMLParser):
    """Fails where a tag is not closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag


def test_every_tag_is_closed(found: Profile) -> None:
    tags = Tags()
    tags.feed(page(found))
    assert tags.open == []


def test_values_cannot_become_a_script(found: Profile) -> None:
    text = page(found)
    assert "<script" not in text
    assert "&lt;script&gt;" in text


def test_the_page_needs_nothing_from_elsewhere(found: Profile) -> None:
    assert not re.search(r"(?:src|href)=[\"'](?!#)|url\(|@import|https?://", page(found))


def test_personal_values_stand_in_neither(found: Profile, tmp_path: Path) -> None:
    written = write(found, tmp_path / "reports", "legacy")
    for file in (written.page, written.document):
        text = file.read_text("utf-8")
        assert "Moneypenny" not in text
        assert "Bond" not in text
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_hazard_is_told_with_its_rows_and_what_to_do(found: Profile) -> None:
    text = page(found)
    assert "text in a number" in text
    assert "id=100" in text
    assert "Will be refused" in text


def test_the_document_has_every_figure(found: Profile, tmp_path: Path) -> None:
    said = json.loads(write(found, tmp_path, "legacy").document.read_text("utf-8"))
    (table,) = said["tables"]
    assert (table["rows"], table["read"], table["sampled"]) == (100, 100, False)
    assert [column["name"] for column in table["columns"]] == ["id", "last_name", "town", "age"]
    assert said["outcomes"]["refused"] == 1


def test_an_empty_source_makes_a_page() -> None:
    assert "None were found" in page(Profile("legacy", "SQLite", "3", ()))
