"""What the transform stage costs when there is nothing to do."""

import subprocess
import sys

#: maps a table without expression, rule or look, as `transform` does before anything else
NOTHING_TO_DO = """
import sys
from migration_assets.contracts.model import Column, TableName
from migration_assets.tables import transform
from migration_assets.tables.sources.base import SourceColumn, SourceTable
from migration_assets_tests.tables.by_hand import contract

table = SourceTable(TableName(None, "t"), (SourceColumn("a", "text", "text"),))
mapped = transform.mapping(contract("t", Column("a", "text", sources=("a",))), table)
assert not mapped.looks
print(*{"duckdb", "pandas", "pandera"} & set(sys.modules))
"""


def test_rows_that_pass_untouched_do_not_wait_for_duckdb_pandas_and_pandera() -> None:
    done = subprocess.run([sys.executable, "-c", NOTHING_TO_DO], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.split()) == (0, []), done.stderr
