"""Comparisons at a tiny scale, and what is published of them."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from benchmark.contenders.pipe import psql
from benchmark.readme import with_verification
from benchmark.verify.contenders import CONTENDERS, VERIFICATIONS
from benchmark.verify.results import Result, read, section

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = ROOT / "benchmark" / "README.md"
RESULTS = ROOT / "benchmark" / "verify.json"

READ = Result("verify_postgres", "read both", 0, 6_000_000, (4.0,), 4.0, 1.0, 8.0, None)
OURS = replace(
    READ, contender="migration-assets", rounds=(8.0, 7.0), median_s=8.0, exact=True, peak_rss_mb=129.4
)


@pytest.mark.skipif(not psql(), reason="psql is not installed")
def test_a_small_comparison_names_exactly_the_rows_that_differ(
    new_database: Callable[[str], str], tmp_path: Path
) -> None:
    urls = {"BENCH_SOURCE_URL": new_database("source"), "BENCH_TARGET_URL": new_database("target")}
    said = ["--scale", "0.001", "--rounds", "1", "--cases", "verify_postgres", "--differences", "0,10"]
    said += ["--contenders", "read both,migration-assets"]
    ran = subprocess.run(
        [sys.executable, "-m", "benchmark.verify", *said],
        cwd=ROOT,
        env={**os.environ, **urls, "BENCH_FOLDER": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    found = {(each.contender, each.differences): each for each in read(tmp_path / "verify.json")}
    assert set(found) == {("read both", 0), ("migration-assets", 0), ("migration-assets", 10)}
    assert [each.exact for each in found.values()] == [None, True, True]
    assert {each.rows for each in found.values()} == {6005}
    assert all(each.median_s > 0 and each.command.startswith("python -m") for each in found.values())


def test_the_page_says_what_the_results_say() -> None:
    page = PAGE.read_text(encoding="utf-8")
    found = read(RESULTS) if RESULTS.exists() else []

    assert with_verification(page, found) == page
    assert not {name for name in (*VERIFICATIONS, *CONTENDERS) if f"`{name}`" not in page}


def test_a_line_has_its_multiples_of_the_limit_the_peer_and_none_differing() -> None:
    peer = replace(READ, contender="reladiff", median_s=30.0)
    differing = replace(OURS, differences=10, median_s=9.0, exact=False)

    lines = section([READ, OURS, peer, differing]).splitlines()

    assert lines[5] == (
        "| verify_postgres | 0 | migration-assets | 8.00 (2 rounds) | 2.00 |  | 3.75 × | 1.0 | 129 | yes |"
    )
    assert lines[7].startswith(
        "| verify_postgres | 10 | migration-assets | 9.00 (2 rounds) | 2.25 | 1.12 |  |"
    )
    assert lines[7].endswith("| NO |")
