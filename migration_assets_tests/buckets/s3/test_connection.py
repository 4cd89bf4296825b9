"""What goes out over a connection."""

import pytest

from migration_assets.errors import MigrationError
from migration_assets_tests.buckets.s3.answering import answering


def test_a_header_never_becomes_two() -> None:
    with answering(b"") as wire, pytest.raises(MigrationError, match="line's end"):
        wire.ask("GET", "/", {"x-amz-meta-a": "b\r\nx-amz-acl: public-read"})
