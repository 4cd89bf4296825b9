"""A million keys, listed, planned and partitioned over HTTP: what it takes."""

import json
import os
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from migration_assets_tests.planning.buckets import contract
from migration_assets_tests.s3 import KEYS

ROOT = Path(__file__).resolve().parents[2]
MOST_MB = 300


@contextmanager
def serving(number: int) -> Generator[str]:
    command = [sys.executable, "-m", "migration_assets_tests.buckets.listing_server", str(number)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as server:
        try:
            assert server.stdout
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


def figures(folder: Path, number: int) -> dict[str, float]:
    contract(folder, "from: {include: ['**/*.gz']}")
    with serving(number) as endpoint:
        done = subprocess.run(
            [sys.executable, "-m", "migration_assets_tests.buckets.many_keys", str(folder)],
            env={**os.environ, **KEYS, "OLD_STORE_ENDPOINT_URL": endpoint},
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    print(done.stdout)
    return json.loads(done.stdout)


@pytest.mark.slow
def test_a_million_keys_take_no_more_memory_than_a_few(tmp_path: Path) -> None:
    for name in ("few", "many"):
        (tmp_path / name).mkdir()
    few, many = figures(tmp_path / "few", 20_000), figures(tmp_path / "many", 1_000_000)

    assert (many["keys"], many["in_partitions"], many["partitions"]) == (1_000_000, 1_000_000, 20)
    assert many["largest_partition"] == 50_000
    assert many["rss_mb"] <= MOST_MB
    assert many["rss_mb"] - few["rss_mb"] < 30
