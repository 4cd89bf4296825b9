"""Connections that are kept."""

from migration_assets_tests.buckets.s3.answering import answering, got


def test_a_kept_connection_that_the_server_closed_is_no_error() -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na"
    with answering(answer, answer, answer) as wire:
        assert [got(wire) for _ in range(3)] == [(200, b"a")] * 3


def test_a_connection_is_used_again() -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na"
    with answering(answer, answer, hang_up=False) as wire:
        assert [got(wire) for _ in range(2)] == [(200, b"a")] * 2
