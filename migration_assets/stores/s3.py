"""Clients of S3 and SQS from the environment, and their errors in words that may be shown.

The usual variables of AWS are taken as they are. `<NAME>_ENDPOINT_URL` (`MIGRATION_STAGING_ENDPOINT_URL`)
leads one part of the project to another server, `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL_SQS` and
`AWS_ENDPOINT_URL` all of them; `<NAME>_ACCESS_KEY_ID`, `<NAME>_SECRET_ACCESS_KEY`, `<NAME>_SESSION_TOKEN`,
`<NAME>_REGION` and `<NAME>_PROFILE` give it an account of its own. Nothing here imports boto3 before a client
is asked for: it takes a third of a second.
"""

import os
import re
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal
from urllib.parse import urlsplit

from migration_assets.errors import ConnectionRefused
from migration_assets.stores import endpoints
from migration_assets.stores.cloud_refusals import classify

Service = Literal["s3", "sqs"]

#: seconds to connect, and between two pieces of an answer
CONNECT_TIMEOUT, READ_TIMEOUT = 10, 60
#: how often a request is sent in all; botocore waits longer each time, by chance
ATTEMPTS = 5
CONNECTIONS = 32
#: where nothing names a region and the server is not AWS's own
REGION = "us-east-1"

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


@dataclass(frozen=True)
class Address:
    """A bucket and what the keys in it begin with: empty, or without a slash at either end."""

    bucket: str
    prefix: str

    def key(self, *parts: str) -> str:
        return "/".join(part for part in (self.prefix, *parts) if part)

    def __str__(self) -> str:
        return f"s3://{self.key_url()}"

    def key_url(self) -> str:
        return f"{self.bucket}/{self.prefix}" if self.prefix else self.bucket


@dataclass(frozen=True)
class Settings:
    """What makes a client; equal settings share one."""

    service: Service
    endpoint: str | None
    #: the variable that would allow a server elsewhere without TLS; empty where it does
    plain_allowed: str
    region: str | None
    #: access key, secret key and session token, where the environment names them
    credentials: tuple[str, str, str | None] | None
    profile: str | None
    authorities: str | None
    retry_mode: str
    attempts: int
    process: int

    def __repr__(self) -> str:
        return f"Settings({self.service})"


def address(url: str, variable: str) -> Address:
    """`s3://bucket/prefix` in its parts; ConnectionRefused for what is none."""
    scheme, _, rest = url.partition("://")
    bucket, _, prefix = rest.partition("/")
    parts = [part for part in prefix.split("/") if part]
    if scheme != "s3" or not _BUCKET.fullmatch(bucket) or {".", ".."} & set(parts):
        raise ConnectionRefused(
            f"{variable} names no place in S3.",
            advice="Write it as `s3://bucket/prefix`; keys and endpoint have variables of their own.",
        )
    return Address(bucket, "/".join(parts))


def client(service: Service, environment: Mapping[str, str], name: str) -> Any:
    """A client for what `name` (`MIGRATION_STAGING`) names; safe to use from several threads.

    ConnectionRefused where the environment names no credentials' profile or region that is there, or leads
    off this machine without TLS.
    """
    with told(name):
        return _made(_settings(service, environment, name))


@dataclass(frozen=True)
class Access:
    """What requests to one bucket need that are not made by botocore's client."""

    #: `http` or `https`, host and port, and what a key's path begins with: as botocore itself addresses it
    endpoint: str
    base: str
    region: str
    #: of botocore; those of a role renew themselves
    credentials: Any
    authorities: str | None


def access(bucket: str, environment: Mapping[str, str], name: str) -> Access:
    """ConnectionRefused as `client`."""
    from botocore.credentials import Credentials
    from botocore.exceptions import NoCredentialsError
    from botocore.session import Session

    made = client("s3", environment, name)
    settings = _settings("s3", environment, name)
    with told(name):
        if settings.credentials:
            credentials = Credentials(*settings.credentials)
        else:
            credentials = Session(profile=settings.profile).get_credentials()
        if credentials is None:
            raise NoCredentialsError
        url = urlsplit(made.generate_presigned_url("head_bucket", Params={"Bucket": bucket}))
    endpoint = f"{url.scheme}://{url.netloc}"
    return Access(
        endpoint, url.path.rstrip("/"), made.meta.region_name or REGION, credentials, settings.authorities
    )


@contextmanager
def told(what: str) -> Generator[None]:
    """Errors of the cloud become ours; `what` names the place that may be shown."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise classify(error, what) from None


def _settings(service: Service, environment: Mapping[str, str], name: str) -> Settings:
    def said(*variables: str) -> str | None:
        return next((environment[each] for each in variables if environment.get(each)), None)

    endpoint = said(f"{name}_ENDPOINT_URL", f"AWS_ENDPOINT_URL_{service.upper()}", "AWS_ENDPOINT_URL")
    # of one account or the other, never a mixture
    own = (f"{name}_ACCESS_KEY_ID", f"{name}_SECRET_ACCESS_KEY")
    whose = name if said(*own, f"{name}_PROFILE") else "AWS"
    key, secret = said(f"{whose}_ACCESS_KEY_ID"), said(f"{whose}_SECRET_ACCESS_KEY")
    if bool(key) != bool(secret):
        raise ConnectionRefused(
            f"Half of the credentials of {name} is missing.",
            advice=f"Set {whose}_ACCESS_KEY_ID and {whose}_SECRET_ACCESS_KEY, or neither.",
        )
    mode = said("AWS_RETRY_MODE")
    attempts = said("AWS_MAX_ATTEMPTS") or ""
    return Settings(
        service,
        endpoint,
        f"{name}_ENDPOINT_TLS" if said(f"{name}_ENDPOINT_TLS") != "disable" else "",
        said(f"{name}_REGION", "AWS_REGION", "AWS_DEFAULT_REGION"),
        (key, secret, said(f"{whose}_SESSION_TOKEN")) if key and secret else None,
        said(f"{whose}_PROFILE"),
        said("AWS_CA_BUNDLE"),
        mode if mode in ("standard", "adaptive") else "standard",
        int(attempts) if attempts.isdecimal() and int(attempts) else ATTEMPTS,
        os.getpid(),
    )


@lru_cache(maxsize=1)
def _descriptions() -> Any:
    """Of the services: each is read once, and not again by the next client."""
    from botocore.loaders import create_loader

    return create_loader()


@lru_cache(maxsize=16)
def _made(settings: Settings) -> Any:
    from botocore.config import Config
    from botocore.session import Session

    what = f"The endpoint of {settings.service}"
    if settings.endpoint:
        endpoints.judge(settings.endpoint, what, settings.plain_allowed)
    session = Session(profile=settings.profile)
    session.register_component("data_loader", _descriptions())
    key, secret, token = settings.credentials or (None, None, None)
    elsewhere = bool(settings.endpoint) and not _of_aws(settings.endpoint or "")
    region = settings.region or session.get_config_variable("region")
    made = session.create_client(
        settings.service,
        region_name=region or (REGION if settings.endpoint else None),
        endpoint_url=settings.endpoint,
        verify=settings.authorities,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        aws_session_token=token,
        config=Config(
            connect_timeout=CONNECT_TIMEOUT,
            read_timeout=READ_TIMEOUT,
            retries={"mode": settings.retry_mode, "total_max_attempts": settings.attempts},
            max_pool_connections=CONNECTIONS,
            tcp_keepalive=True,
            # a bucket's own host name is nothing that other servers than AWS's have
            s3={"addressing_style": "path" if elsewhere else "auto"},
            # sha256 is sent and looked at where rows go; other checksums not all servers know
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            user_agent_extra="migration-assets",
        ),
    )
    # what a profile leads to is only known now
    endpoints.judge(made.meta.endpoint_url, what, settings.plain_allowed)
    return made


def _of_aws(endpoint: str) -> bool:
    host = urlsplit(endpoint).hostname or ""
    return host.endswith((".amazonaws.com", ".amazonaws.com.cn"))
