"""The staging: whether it can be written to."""

from migration_assets.analyzer.preflight.finding import Finding
from migration_assets.errors import MigrationError
from migration_assets.staging.partition import Staging


def written(staging: Staging) -> Finding:
    """Writes something there and removes it."""
    try:
        staging.root.try_out()
    except MigrationError as error:
        return Finding("writable", "staging", False, True, error.what, error.advice)
    return Finding("writable", "staging", True, True, staging.root.shown)
