"""The page about real data says what the tests hold the package to."""

import os

from migration_assets_tests.real import document


def test_the_page_shows_the_results() -> None:
    if os.environ.get("REAL_DATA_PAGE") == "write":
        document.PAGE.write_text(document.page(), "utf-8")
    assert document.PAGE.read_text("utf-8") == document.page(), (
        "write it anew: REAL_DATA_PAGE=write pytest migration_assets_tests/real/test_document.py"
    )
