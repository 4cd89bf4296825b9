"""The questions to the catalogs, as they stand in `analyzer/sql`."""

from functools import cache
from importlib import resources


@cache
def query(name: str) -> str:
    return (resources.files("migration_assets.analyzer") / "sql" / f"{name}.sql").read_text("utf-8")
