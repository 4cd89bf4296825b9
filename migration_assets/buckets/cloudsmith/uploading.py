"""Bytes to the URL that Cloudsmith gives for them; these hosts count for no rate limit.

size            way                                           memory      calls of the API
up to 8 MiB     one form, from memory, MD5 and SHA-256 said   the object  1
up to 100 MiB   one form, streamed, MD5 said where known      1 MiB       1
above           parts of 16 MiB or more, 4 at a time          5 parts     2
"""

import threading
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from secrets import token_hex
from typing import Any
from urllib.parse import urlencode

from migration_assets.buckets.cloudsmith.address import may_carry_files
from migration_assets.buckets.cloudsmith.client import Client, attempts
from migration_assets.buckets.cloudsmith.reading import Read, Reader
from migration_assets.errors import ConnectionRefused, MigrationError, Passing

#: bytes
SMALL, ONE_FORM, PART = 8 * 2**20, 100 * 2**20, 16 * 2**20
MOST_PARTS = 10_000
PARTS_AT_ONCE = 4
#: objects in parts at once in one process, for the memory that they take
LARGE_AT_ONCE = 1
CONNECT_TIMEOUT, READ_TIMEOUT = 10.0, 300.0

Piece = bytes | bytearray | memoryview


@dataclass(frozen=True)
class Uploaded:
    """A file that waits to become a package, once."""

    identifier: str
    read: Read
    #: bytes that went out, all attempts
    sent: int
    tried_after: tuple[str, ...]


@dataclass
class _Asked:
    """What Cloudsmith answered to the wish to upload."""

    identifier: str
    url: str
    fields: Mapping[str, str]
    headers: Mapping[str, str]


class Uploads:
    """Files of one repository on their way."""

    def __init__(self, client: Client) -> None:
        import urllib3

        self._client = client
        timeout = urllib3.Timeout(connect=CONNECT_TIMEOUT, read=READ_TIMEOUT)
        named: dict[str, Any] = {"ca_certs": client.address.authorities} if client.address.authorities else {}
        self._pool = urllib3.PoolManager(num_pools=8, maxsize=64, timeout=timeout, retries=False, **named)
        self._large = threading.Semaphore(LARGE_AT_ONCE)

    def upload(self, reader: Reader, filename: str) -> Uploaded:
        """Any error of the tree; the object is read anew for each attempt, but a part is only sent anew."""
        if reader.found.size > ONE_FORM:
            with self._large:
                return _InParts(self._client, self._pool, reader, filename).upload()
        return _OneForm(self._client, self._pool, reader, filename).upload()


class _OneForm:
    """One object in one request; asked for once, unless what is said of its bytes turns out wrong."""

    def __init__(self, client: Client, pool: Any, reader: Reader, filename: str) -> None:
        self._client, self._pool = client, pool
        self._reader, self._filename = reader, filename
        self._sent = 0
        self._asked: _Asked | None = None
        self._claims: dict[str, str] = {}

    def upload(self) -> Uploaded:
        asked, after = attempts(self._once, self._client)
        assert self._reader.last is not None
        return Uploaded(asked.identifier, self._reader.last, self._sent, after)

    def _once(self) -> _Asked:
        held: bytes | None = None
        if self._reader.found.size <= SMALL:
            held = bytes(_joined(self._reader.pieces()))
            self._reader.judge()
        asked = self._asking(_claims(self._reader, held is not None))
        status = self._form(asked, self._reader.pieces() if held is None else (held,))
        if held is None:
            self._reader.judge()
        _judge_status(status, str(self._client.address))
        return asked

    def _asking(self, claims: dict[str, str]) -> _Asked:
        if self._asked is None or claims != self._claims:
            self._asked, self._claims = _ask(self._client, self._filename, "post", claims), claims
        return self._asked

    def _form(self, asked: _Asked, pieces: Iterable[Piece]) -> int:
        """The status; Passing where the connection is lost."""
        boundary = token_hex(16)
        head = "".join(
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in asked.fields.items()
        )
        name = f'name="file"; filename="{_quoted(self._filename)}"'
        head += f"--{boundary}\r\nContent-Disposition: form-data; {name}\r\n"
        head += "Content-Type: application/octet-stream\r\n\r\n"
        first, last = head.encode(), f"\r\n--{boundary}--\r\n".encode()
        headers = {
            **asked.headers,
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Content-Length": str(len(first) + self._reader.found.size + len(last)),
        }
        return send(self._pool, "POST", asked.url, self._around(first, pieces, last), headers)

    def _around(self, first: bytes, pieces: Iterable[Piece], last: bytes) -> Iterator[Piece]:
        yield first
        for piece in pieces:
            self._client.throttle(0, len(piece))
            self._sent += len(piece)
            yield piece
        yield last


class _InParts:
    """One object in parts: read once, in order; each part is kept until it has arrived."""

    def __init__(self, client: Client, pool: Any, reader: Reader, filename: str) -> None:
        self._client, self._pool = client, pool
        self._reader, self._filename = reader, filename
        self._sent = 0
        self._lock = threading.Lock()

    def upload(self) -> Uploaded:
        asked, after = attempts(self._once, self._client)
        assert self._reader.last is not None
        return Uploaded(asked.identifier, self._reader.last, self._sent, after)

    def _once(self) -> _Asked:
        claims = {"md5_checksum": self._reader.believed} if self._reader.believed else {}
        asked = _ask(self._client, self._filename, "put_parts", claims)
        try:
            self._parts(asked)
            self._reader.judge()
            self._client.said(
                self._client.files.files_complete,
                *self._client.here,
                asked.identifier,
                data={"upload_id": asked.identifier, "complete": True},
                again=False,
            )
        except Exception:
            self._abort(asked)
            raise
        return asked

    def _parts(self, asked: _Asked) -> None:
        size = part_size(self._reader.found.size)
        flying: set[Future[None]] = set()
        with ThreadPoolExecutor(PARTS_AT_ONCE, thread_name_prefix="part") as pool:
            for number, part in enumerate(_parts_of(self._reader.pieces(), size), start=1):
                flying.add(pool.submit(self._part, asked, number, part))
                if len(flying) >= PARTS_AT_ONCE:
                    done, flying = wait(flying, return_when=FIRST_COMPLETED)
                    for each in done:
                        each.result()
            for each in flying:
                each.result()

    def _part(self, asked: _Asked, number: int, part: bytes) -> None:
        address = self._client.address
        query = urlencode({"upload_id": asked.identifier, "part_number": number})
        url = f"{asked.url}{'&' if '?' in asked.url else '?'}{query}"
        headers = {"X-Api-Key": address.api_key, "Content-Length": str(len(part))}

        def once() -> None:
            self._client.throttle(0, len(part))
            with self._lock:
                self._sent += len(part)
            _judge_status(send(self._pool, "PUT", url, part, headers), str(address))

        attempts(once, self._client)

    def _abort(self, asked: _Asked) -> None:
        """As well as it goes: Cloudsmith clears away what is not completed."""
        with suppress(MigrationError):
            self._client.said(
                self._client.files.files_abort,
                *self._client.here,
                asked.identifier,
                data={"upload_id": asked.identifier},
                again=False,
            )


def part_size(size: int) -> int:
    """Bytes: 16 MiB, or as many more as 10,000 parts ask for, in whole MiB."""
    return max(PART, -(-size // MOST_PARTS // 2**20) * 2**20 if size > MOST_PARTS * PART else PART)


def send(pool: Any, method: str, url: str, body: Any, headers: Mapping[str, str]) -> int:
    """The status; Passing where the connection is lost on the way."""
    from urllib3.exceptions import HTTPError

    try:
        answer = pool.request(method, url, body=body, headers=dict(headers), redirect=False)
    except (HTTPError, OSError):
        raise Passing(
            "The connection to Cloudsmith's host of files was lost.",
            advice="Run the same command again.",
            cause="connection",
        ) from None
    return int(answer.status)


def _ask(client: Client, filename: str, method: str, claims: Mapping[str, str]) -> _Asked:
    said = client.said(
        client.files.files_create,
        *client.here,
        data={"filename": filename, "method": method, **claims},
        again=True,
    )
    url = str(said["upload_url"])
    if not may_carry_files(url, client.address):
        raise ConnectionRefused(
            f"{client.address} names a host for files without TLS.", advice="Look at its endpoint."
        )
    querystring = str(said.get("upload_querystring") or "")
    return _Asked(
        str(said["identifier"]),
        f"{url}?{querystring}" if querystring else url,
        said.get("upload_fields") or {},
        said.get("upload_headers") or {},
    )


def _claims(reader: Reader, whole: bool) -> dict[str, str]:
    """What is known of the bytes before they go: all of them where they are in memory."""
    if whole and reader.last:
        return {
            "md5_checksum": reader.last.digests["md5"],
            "sha256_checksum": reader.last.digests["sha256"],
        }
    return {"md5_checksum": reader.believed} if reader.believed else {}


def _judge_status(status: int, what: str) -> None:
    """Passing for all but success: bytes that did not arrive as they went (400) are sent anew, too."""
    if 200 <= status <= 299:
        return
    if status in (401, 402):
        raise ConnectionRefused(f"{what} does not take the file ({status}).", advice="Look at key and quota.")
    raise Passing(
        f"{what} did not take the file ({status}).", advice="Run the same command again.", cause="storage"
    )


def _joined(pieces: Iterable[Piece]) -> bytearray:
    """Piece by piece: what a piece lies in may be used for the next one."""
    held = bytearray()
    for piece in pieces:
        held += piece
    return held


def _parts_of(pieces: Iterable[Piece], size: int) -> Iterator[bytes]:
    held = bytearray()
    for piece in pieces:
        held += piece
        while len(held) >= size:
            yield bytes(held[:size])
            del held[:size]
    if held:
        yield bytes(held)


def _quoted(filename: str) -> str:
    """As a browser writes it into a form."""
    return filename.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
