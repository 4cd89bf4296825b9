"""The staging that the environment names."""

import os
from collections.abc import Mapping
from pathlib import Path

from migration_assets.errors import ConnectionRefused
from migration_assets.staging.folder import Folder
from migration_assets.staging.partition import Staging

STAGING = "MIGRATION_STAGING"


def staging_of(environment: Mapping[str, str]) -> Staging:
    """`MIGRATION_STAGING`, a folder or `s3://bucket/prefix`, else a folder under DAGSTER_HOME.

    ConnectionRefused for what is neither; nothing is opened yet.
    """
    given = environment.get(STAGING)
    if not given or "://" not in given:
        home = environment.get("DAGSTER_HOME") or os.getcwd()
        return Staging(Folder(Path(given) if given else Path(home) / ".migration" / "staging"))
    if not given.startswith("s3://"):
        raise ConnectionRefused(
            "MIGRATION_STAGING is neither a folder nor a place in S3.",
            advice="Set it to a folder or to `s3://bucket/prefix`, or leave it unset.",
        )
    from migration_assets.staging.s3 import Prefix

    return Staging(Prefix.of(given, environment))
