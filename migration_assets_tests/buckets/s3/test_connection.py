"""What goes out over a connection."""

import pytest

from migration_assets.buckets.s3.server import Damaged
from migration_assets.errors import MigrationError
from migration_assets_tests.buckets.s3.answering import answering


def test_a_header_never_becomes_two() -> None:
    with answering(b"") as wire, pytest.raises(MigrationError, match="line's end"):
        wire.ask("GET", "/", {"x-amz-meta-a": "b\r\nx-amz-acl: public-read"})


@pytest.mark.parametrize("body", [[b"ab"], [b"abc", b"GET /other HTTP/1.1\r\n\r\n"], [b"abcd"], []])
def test_a_body_that_is_not_as_long_as_was_said_ends_its_connection(body: list[bytes]) -> None:
    """What is too much would be read as the next request, and its answer taken for another's."""
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na"
    with answering(answer, answer, hang_up=False) as wire:
        with pytest.raises(Damaged, match="3 bytes"):
            wire.ask("PUT", "/", {"host": "here", "content-length": "3"}, body)
        assert wire.kept == 0
