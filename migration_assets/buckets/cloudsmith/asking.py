"""Where Cloudsmith wants a file, and one request that carries it there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from migration_assets.buckets.cloudsmith.address import may_carry_files
from migration_assets.buckets.cloudsmith.client import Client
from migration_assets.buckets.cloudsmith.reading import Read
from migration_assets.buckets.cloudsmith.refusals import garbled
from migration_assets.errors import ConnectionRefused, Passing

Piece = bytes | bytearray | memoryview


@dataclass(frozen=True)
class Uploaded:
    """A file that waits to become a package, once."""

    identifier: str
    read: Read
    #: bytes that went out, all attempts
    sent: int
    tried_after: tuple[str, ...]
    #: whether nobody said that its parts were put together
    doubtful: bool = False


@dataclass
class Asked:
    """What Cloudsmith answered to the wish to upload."""

    identifier: str
    url: str
    fields: Mapping[str, str]
    headers: Mapping[str, str]


def ask(client: Client, filename: str, method: str, claims: Mapping[str, str]) -> Asked:
    said = client.said(
        client.files.files_create,
        *client.here,
        data={"filename": filename, "method": method, **claims},
        again=True,
    )
    if not isinstance(said, dict) or not said.get("upload_url") or not said.get("identifier"):
        raise garbled(str(client.address))
    url = str(said["upload_url"])
    if not may_carry_files(url, client.address):
        raise ConnectionRefused(
            f"{client.address} names a host for files without TLS.", advice="Look at its endpoint."
        )
    querystring = str(said.get("upload_querystring") or "")
    return Asked(
        str(said["identifier"]),
        f"{url}?{querystring}" if querystring else url,
        said.get("upload_fields") or {},
        said.get("upload_headers") or {},
    )


def send(client: Client, pool: Any, method: str, url: str, body: Any, headers: Mapping[str, str]) -> int:
    """The status; Passing where the connection is lost on the way. Where less is asked for, all wait."""
    from urllib3.exceptions import HTTPError

    client.budget.rest()
    try:
        answer = pool.request(method, url, body=body, headers=dict(headers), redirect=False)
    except (HTTPError, OSError):
        raise Passing(
            "The connection to Cloudsmith's host of files was lost.",
            advice="Run the same command again.",
            cause="connection",
        ) from None
    if answer.status == 429:
        client.budget.refuse(answer.headers)
    return int(answer.status)


def judge_status(status: int, what: str) -> None:
    """Passing for all but success: bytes that did not arrive as they went (400) are sent anew, too."""
    if 200 <= status <= 299:
        return
    if status in (401, 402):
        raise ConnectionRefused(f"{what} does not take the file ({status}).", advice="Look at key and quota.")
    raise Passing(
        f"{what} did not take the file ({status}).", advice="Run the same command again.", cause="storage"
    )
