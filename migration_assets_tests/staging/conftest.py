"""Each test of the behaviour runs in a folder and in S3."""

from pathlib import Path

import pytest

from migration_assets_tests.staging.world import InBucket, InFolder, World


@pytest.fixture(params=["folder", "s3"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> World:
    if request.param == "folder":
        return InFolder(tmp_path / "staging")
    return InBucket(request.getfixturevalue("bucket"))
