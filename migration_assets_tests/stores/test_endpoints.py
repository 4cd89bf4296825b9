"""Servers that keys and bytes may be sent to."""

import pytest

from migration_assets.errors import ConnectionRefused
from migration_assets.stores.endpoints import judge

NAMED = "OLD_ENDPOINT_TLS"


@pytest.mark.parametrize(
    ("endpoint", "unless"),
    [
        ("https://s3.example.com", NAMED),
        ("https://s3.example.com:9000", NAMED),
        ("http://127.0.0.1:9000", NAMED),
        ("http://[::1]:9000", NAMED),
        ("http://localhost", NAMED),
        ("http://s3.example.com", ""),
    ],
)
def test_tls_is_asked_for_where_a_request_leaves_this_machine(endpoint: str, unless: str) -> None:
    judge(endpoint, "The endpoint", unless)


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://s3.example.com:9000",
        "http://10.0.0.1",
        "http://127.0.0.1.example.com",
        "http://localhost.example",
    ],
)
def test_a_server_elsewhere_without_tls_is_refused_with_the_variable_that_would_allow_it(
    endpoint: str,
) -> None:
    with pytest.raises(ConnectionRefused, match=r"without TLS.*OLD_ENDPOINT_TLS=disable"):
        judge(endpoint, "The endpoint", NAMED)


@pytest.mark.parametrize("unless", ["", NAMED])
@pytest.mark.parametrize(
    "endpoint", ["", "s3.example.com", "ftp://here", "https://key:secret@s3.example.com", "https://here:no"]
)
def test_what_is_no_server_is_refused_and_its_secret_not_shown(endpoint: str, unless: str) -> None:
    with pytest.raises(ConnectionRefused, match="is not a URL of a server") as refused:
        judge(endpoint, "The endpoint", unless)
    assert "secret" not in str(refused.value)
