"""Where a client leads, and in which words its errors are told."""

import time
from typing import Any

import pytest
from botocore import exceptions as boto

from migration_assets.errors import ConnectionRefused, Passing
from migration_assets.stores import s3
from migration_assets.stores.cloud_refusals import classify
from migration_assets_tests.s3 import KEYS, Bucket

NAME = "MIGRATION_STAGING"


def endpoint(**said: str) -> str:
    return s3.client("s3", KEYS | said, NAME).meta.endpoint_url


@pytest.mark.parametrize(
    ("said", "leads_to"),
    [
        ({}, "https://s3.amazonaws.com"),
        ({"AWS_REGION": "eu-central-1"}, "https://s3.eu-central-1.amazonaws.com"),
        ({"AWS_ENDPOINT_URL": "https://store.example.com"}, "https://store.example.com"),
        (
            {"AWS_ENDPOINT_URL": "https://a.example.com", "AWS_ENDPOINT_URL_S3": "https://b.example.com"},
            "https://b.example.com",
        ),
        (
            {"AWS_ENDPOINT_URL_S3": "https://b.example.com", f"{NAME}_ENDPOINT_URL": "https://c.example.com"},
            "https://c.example.com",
        ),
        ({f"{NAME}_ENDPOINT_URL": "http://127.0.0.1:9000"}, "http://127.0.0.1:9000"),
        ({f"{NAME}_ENDPOINT_URL": "http://localhost:9000"}, "http://localhost:9000"),
        (
            {f"{NAME}_ENDPOINT_URL": "http://store:9000", f"{NAME}_ENDPOINT_TLS": "disable"},
            "http://store:9000",
        ),
    ],
)
def test_the_nearest_endpoint_is_taken(said: dict[str, str], leads_to: str) -> None:
    assert endpoint(**said) == leads_to


@pytest.mark.parametrize(
    "said",
    [
        {f"{NAME}_ENDPOINT_URL": "http://store:9000"},
        {f"{NAME}_ENDPOINT_URL": "http://store:9000", f"{NAME}_ENDPOINT_TLS": "off"},
        {"AWS_ENDPOINT_URL": "http://203.0.113.7"},
        {"AWS_ENDPOINT_URL": "http://localhost.example.com"},
        {"AWS_ENDPOINT_URL": "store:9000"},
        {"AWS_ENDPOINT_URL": "https://key:swordfish@store"},
        {"AWS_ENDPOINT_URL": "http://[bad"},
    ],
)
def test_an_endpoint_that_is_unsafe_or_none_is_refused(said: dict[str, str]) -> None:
    with pytest.raises(ConnectionRefused) as refused:
        endpoint(**said)
    assert "swordfish" not in str(refused.value)


@pytest.mark.parametrize("half", ["ACCESS_KEY_ID", "SECRET_ACCESS_KEY"])
def test_half_of_an_account_is_refused_and_never_made_whole_by_another_ones(half: str) -> None:
    with pytest.raises(ConnectionRefused, match=f"Set {NAME}_ACCESS_KEY_ID and {NAME}_SECRET"):
        s3.client("s3", KEYS | {f"{NAME}_{half}": "swordfish"}, NAME)


def test_a_profile_that_is_not_there_is_told() -> None:
    with pytest.raises(ConnectionRefused, match="AWS_PROFILE names no profile"):
        s3.client("s3", {"AWS_PROFILE": "swordfish"}, NAME)


def test_sqs_needs_a_region_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    with pytest.raises(ConnectionRefused, match="Set AWS_REGION"):
        s3.client("sqs", {}, "MIGRATION_WAVE_QUEUE")


def test_a_client_is_made_once(bucket: Bucket) -> None:
    assert bucket.client is bucket.client
    started = time.monotonic()
    for _ in range(100):
        assert bucket.client
    assert time.monotonic() - started < 0.5


def test_what_is_held_for_a_client_does_not_show_its_keys() -> None:
    settings = s3._settings("s3", KEYS | {"AWS_SECRET_ACCESS_KEY": "swordfish"}, NAME)  # type: ignore[reportPrivateUsage]
    assert "swordfish" not in repr(settings)
    assert "swordfish" not in repr(s3.address("s3://bucket/prefix", NAME))


def answered(code: str, status: int) -> Any:
    return boto.ClientError(
        {
            "Error": {"Code": code, "Message": "swordfish"},
            "ResponseMetadata": {"HTTPStatusCode": status},  # type: ignore[typeddict-item]
        },
        "PutObject",
    )


@pytest.mark.parametrize(
    ("error", "kind", "word"),
    [
        (answered("SlowDown", 503), Passing, "SlowDown"),
        (answered("InternalError", 500), Passing, "InternalError"),
        (answered("InternalError", 200), Passing, "InternalError"),
        (answered("", 502), Passing, "502"),
        (answered("TooManyRequests", 429), Passing, "TooManyRequests"),
        (answered("RequestTimeout", 400), Passing, "RequestTimeout"),
        (answered("BadDigest", 400), Passing, "BadDigest"),
        (answered("NoSuchUpload", 404), Passing, "NoSuchUpload"),
        (answered("PreconditionFailed", 412), Passing, "faster"),
        (answered("ConditionalRequestConflict", 409), Passing, "faster"),
        (answered("AccessDenied", 403), ConnectionRefused, "AccessDenied"),
        (answered("403", 403), ConnectionRefused, "403"),
        (answered("InvalidAccessKeyId", 403), ConnectionRefused, "access key"),
        (answered("SignatureDoesNotMatch", 403), ConnectionRefused, "secret key"),
        (answered("ExpiredToken", 400), ConnectionRefused, "expired"),
        (answered("RequestTimeTooSkewed", 403), ConnectionRefused, "clock"),
        (answered("NoSuchBucket", 404), ConnectionRefused, "no such bucket"),
        (answered("PermanentRedirect", 301), ConnectionRefused, "region"),
        (answered("swordfish is the key", 400), ConnectionRefused, "400"),
        (boto.NoCredentialsError(), ConnectionRefused, "no credentials"),
        (boto.EndpointConnectionError(endpoint_url="https://swordfish"), Passing, "nothing listens"),
        (boto.ConnectTimeoutError(endpoint_url="https://swordfish"), Passing, "in time"),
        (boto.ReadTimeoutError(endpoint_url="https://swordfish"), Passing, "in time"),
        (boto.ConnectionClosedError(endpoint_url="https://swordfish"), Passing, "connection was lost"),
        (boto.IncompleteReadError(actual_bytes=1, expected_bytes=2), Passing, "connection was lost"),
        (boto.ResponseStreamingError(error="swordfish"), Passing, "connection was lost"),
        (boto.SSLError(endpoint_url="https://x", error="swordfish"), ConnectionRefused, "AWS_CA_BUNDLE"),
        (boto.ParamValidationError(report="swordfish"), ConnectionRefused, "name of the bucket"),
    ],
    ids=lambda value: getattr(value, "__name__", str(value))[:60],
)
def test_an_error_is_told_by_its_code_and_never_in_the_servers_words(
    error: Any, kind: type[Exception], word: str
) -> None:
    told = classify(error, "The staging at s3://bucket")

    assert type(told) is kind
    assert word in str(told)
    assert "s3://bucket" in str(told)
    assert "swordfish" not in str(told)
