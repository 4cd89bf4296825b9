"""The whole benchmark at a tiny scale, with the pipe and this project alone."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmark.cases import CASES
from benchmark.contenders import CONTENDERS
from benchmark.contenders.pipe import psql
from benchmark.world import CONTRACTS
from migration_assets.contracts.loader import load

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.skipif(not psql(), reason="psql is not installed")
def test_a_small_benchmark_writes_its_results(new_database: Callable[[str], str], tmp_path: Path) -> None:
    found = bench(
        tmp_path, new_database, "postgres_identity,fragile", "pipe,migration-assets,migration-assets one lane"
    )

    timed = {entry["contender"]: entry for entry in found if entry["case"] == "postgres_identity"}
    assert list(timed) == [
        *("pipe", "migration-assets", "migration-assets one lane"),
        *("stage extracted", "stage transformed", "stage loaded"),
    ]
    assert timed["pipe"]["ratio_to_pipe"] == 1.0
    for name in ("migration-assets", "migration-assets one lane"):
        assert timed[name]["exact"] is True, timed[name]
        assert timed[name]["rounds"] == 1
        for figure in ("median_s", "ratio_to_pipe", "rows_per_s", "client_cpu_s", "staged_bytes_per_row"):
            assert timed[name][figure] > 0
    assert all(entry["exact"] for entry in found if entry["case"] == "fragile")
    assert "</svg>" in (tmp_path / "results.svg").read_text()


def bench(
    folder: Path, new_database: Callable[[str], str], cases: str, contenders: str
) -> list[dict[str, Any]]:
    urls = {"BENCH_SOURCE_URL": new_database("source"), "BENCH_TARGET_URL": new_database("target")}
    said = ["--scale", "0.001", "--rounds", "1", "--cases", cases, "--contenders", contenders]
    ran = subprocess.run(
        [sys.executable, "-m", "benchmark", "run", *said],
        cwd=ROOT,
        env={**os.environ, **urls, "BENCH_FOLDER": str(folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return json.loads((folder / "results.json").read_text())


def test_each_case_has_a_contract_without_faults() -> None:
    assert {path.name for path in CONTRACTS.iterdir()} == set(CASES)
    for case in CASES.values():
        assert list(load(CONTRACTS / case.name)) == [case.table]


def test_the_page_names_every_case_and_contender() -> None:
    page = (ROOT / "benchmark" / "README.md").read_text(encoding="utf-8")

    assert not {name for name in (*CASES, *CONTENDERS) if f"`{name}`" not in page}
