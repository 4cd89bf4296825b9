"""Refusals of a server, in our words."""

from collections.abc import Generator
from contextlib import contextmanager

import pytest
from botocore.credentials import Credentials

from migration_assets.buckets.s3.flow import Slow
from migration_assets.buckets.s3.store import Conflict, Refused, Store
from migration_assets.errors import Passing
from migration_assets.stores.s3 import Access
from migration_assets_tests.buckets.s3.answering import answering


@contextmanager
def _store(answer: bytes, *, renewed: str = "key") -> Generator[Store]:
    with answering(answer) as wire:
        endpoint = f"http://{wire.server.host}:{wire.server.port}"

        def access(key: str) -> Access:
            return Access(endpoint, "/b", "us-east-1", Credentials(key, f"secret of {key}"), None)

        yield Store(access("key"), "b", "s3://b", renewed=lambda: access(renewed))


def _answer(status: str, body: bytes = b"", *more: str, length: int | None = None) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}", *more]
    return "\r\n".join([*lines, "", ""]).encode() + body


def _error(code: str) -> bytes:
    return f"<Error><Code>{code}</Code></Error>".encode()


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        ("7", 7),
        ("999999", 3600),
        ("Fri, 01 Jan 2100 00:00:00 GMT", 3600),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("soon", 0),
        ("-1", 0),
    ],
)
def test_a_server_that_asks_for_less_is_waited_for_as_long_as_it_says(said: str, wait: float) -> None:
    answer = _answer("503 Slow Down", _error("SlowDown"), f"Retry-After: {said}")
    with _store(answer) as store, pytest.raises(Slow) as slow:
        store.ask("GET", "k")
    assert slow.value.wait == wait


def test_credentials_that_expired_are_renewed_though_an_answer_to_head_cannot_say_so() -> None:
    with _store(_answer("400 Bad Request"), renewed="new") as store, pytest.raises(Passing, match="expired"):
        store.ask("HEAD", "k")
    with _store(_answer("400 Bad Request")) as store, pytest.raises(Refused, match="400"):
        store.ask("HEAD", "k")


def test_two_writes_at_once_are_tried_again_and_one_that_came_late_is_not() -> None:
    answer = _answer("409 Conflict", _error("ConditionalRequestConflict"))
    with _store(answer) as store, pytest.raises(Passing, match="was writing"):
        store.ask("PUT", "k")
    with _store(_answer("412 Precondition Failed")) as store, pytest.raises(Conflict):
        store.ask("PUT", "k")


def test_of_an_error_no_more_is_read_than_can_hold_its_code() -> None:
    endless = _answer("403 Forbidden", _error("AccessDenied") + b" " * (2 << 20), length=1 << 40)
    with _store(endless) as store, pytest.raises(Refused, match="AccessDenied"):
        store.ask("GET", "k")


@pytest.mark.parametrize(
    ("endpoint", "base"), [("https://%s.s3.eu-west-1.amazonaws.com", ""), ("https://store.example", "/%s")]
)
def test_two_buckets_of_one_store_and_account_are_known_as_such(endpoint: str, base: str) -> None:
    def account(bucket: str, key: str = "key") -> tuple[str, str]:
        said = (endpoint.replace("%s", bucket), base.replace("%s", bucket))
        return Store(Access(*said, "eu-west-1", Credentials(key, "secret"), None), bucket, "").account

    assert account("old") == account("new")
    assert account("old") != account("new", "another")
