"""An object in one request: a form whose last field is the file."""

from collections.abc import Iterable, Iterator
from secrets import token_hex
from typing import Any

from migration_assets.buckets.cloudsmith.asking import Asked, Piece, Uploaded, ask, judge_status, send
from migration_assets.buckets.cloudsmith.client import Client, attempts
from migration_assets.buckets.cloudsmith.reading import Reader

#: bytes up to which an object is held in memory, and all is known of it before it goes
SMALL = 2**20
#: what a host of files says of a URL that is not good any more
_OVER = (403, 404, 410)


class OneForm:
    """One object in one request; asked for once, unless what is said of its bytes turns out wrong."""

    def __init__(self, client: Client, pool: Any, reader: Reader, filename: str) -> None:
        self._client, self._pool = client, pool
        self._reader, self._filename = reader, filename
        self._sent = 0
        self._asked: Asked | None = None
        self._claims: dict[str, str] = {}

    def upload(self) -> Uploaded:
        asked, after = attempts(self._once, self._client)
        assert self._reader.last is not None
        return Uploaded(asked.identifier, self._reader.last, self._sent, after)

    def _once(self) -> Asked:
        held: bytearray | None = None
        if self._reader.found.size <= SMALL:
            held = _joined(self._reader.pieces())
            self._reader.judge()
        asked = self._asking(_claims(self._reader, held is not None))
        status = self._form(asked, self._reader.pieces() if held is None else (held,))
        if held is None:
            self._reader.judge()
        if status in _OVER:
            self._asked = None
        judge_status(status, str(self._client.address))
        return asked

    def _asking(self, claims: dict[str, str]) -> Asked:
        if self._asked is None or claims != self._claims:
            self._asked, self._claims = ask(self._client, self._filename, "post", claims), claims
        return self._asked

    def _form(self, asked: Asked, pieces: Iterable[Piece]) -> int:
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
        return send(self._client, self._pool, "POST", asked.url, self._around(first, pieces, last), headers)

    def _around(self, first: bytes, pieces: Iterable[Piece], last: bytes) -> Iterator[Piece]:
        yield first
        for piece in pieces:
            self._client.throttle(0, len(piece))
            self._sent += len(piece)
            yield piece
        yield last


def _claims(reader: Reader, whole: bool) -> dict[str, str]:
    """What is known of the bytes before they go: all of them where they are in memory."""
    if whole and reader.last:
        return {
            "md5_checksum": reader.last.digests["md5"],
            "sha256_checksum": reader.last.digests["sha256"],
        }
    return {"md5_checksum": reader.believed} if reader.believed else {}


def _joined(pieces: Iterable[Piece]) -> bytearray:
    """Piece by piece: what a piece lies in may be used for the next one."""
    held = bytearray()
    for piece in pieces:
        held += piece
    return held


def _quoted(filename: str) -> str:
    """As a browser writes it into a form."""
    return filename.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
