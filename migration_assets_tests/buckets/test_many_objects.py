"""One partition of many objects, through all stages and back: what it takes does not grow with it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def figures(folder: Path, number: int, step: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "migration_assets_tests.buckets.many_objects", str(number), str(folder), step],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    print(step, done.stdout)
    return json.loads(done.stdout)


@pytest.mark.slow
def test_a_partition_of_many_objects_takes_no_more_memory_than_one_of_a_few(tmp_path: Path) -> None:
    steps = ("move", "move", "verify", "back")
    few, many = (
        [figures(tmp_path / str(number), number, step) for step in steps] for number in (10_000, 100_000)
    )

    assert [each["there"] for each in many] == [100_000, 100_000, 100_000, 0]
    assert [each.get("moved", -1) for each in many] == [100_000, 0, -1, -1]
    for of_few, of_many in zip(few, many, strict=True):
        assert of_many["rss_mb"] <= 150
        assert of_many["rss_mb"] - of_few["rss_mb"] < 50
