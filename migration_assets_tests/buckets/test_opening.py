"""What has to be loaded before a bucket's run can begin."""

import subprocess
import sys

#: what takes longer to load than a small bucket takes to move
SLOW_TO_LOAD = {"dagster", "duckdb", "pandas", "pandera", "pyarrow", "sqlalchemy"}
_LOADED = """
import sys
import migration_assets.buckets.engine
import migration_assets.buckets.opening
import migration_assets.buckets.s3.opened
print(*sys.modules)
"""


def test_a_run_between_two_buckets_loads_nothing_that_databases_need() -> None:
    done = subprocess.run([sys.executable, "-c", _LOADED], capture_output=True, text=True, check=True)
    assert "migration_assets.buckets.engine" in done.stdout.split()
    assert not SLOW_TO_LOAD & set(done.stdout.split())
