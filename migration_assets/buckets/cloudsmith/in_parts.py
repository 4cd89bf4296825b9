"""A large object in parts, several at a time; one that fails is sent again alone."""

import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

from migration_assets.buckets.cloudsmith.asking import Asked, Piece, Uploaded, ask, judge_status, send
from migration_assets.buckets.cloudsmith.client import ATTEMPTS, Client, attempts
from migration_assets.buckets.cloudsmith.reading import Reader
from migration_assets.buckets.cloudsmith.refusals import Missing, RequestRefused
from migration_assets.errors import MigrationError, Passing

#: bytes
PART = 16 * 2**20
MOST_PARTS = 10_000
AT_ONCE = 4


class InParts:
    """One object in parts: read once, in order; each part is kept until it has arrived."""

    def __init__(self, client: Client, pool: Any, reader: Reader, filename: str) -> None:
        self._client, self._pool = client, pool
        self._reader, self._filename = reader, filename
        self._sent = 0
        self._doubtful = False
        self._lock = threading.Lock()

    def upload(self) -> Uploaded:
        asked, after = attempts(self._once, self._client)
        assert self._reader.last is not None
        return Uploaded(asked.identifier, self._reader.last, self._sent, after, self._doubtful)

    def _once(self) -> Asked:
        claims = {"md5_checksum": self._reader.believed} if self._reader.believed else {}
        asked = ask(self._client, self._filename, "put_parts", claims)
        try:
            self._parts(asked)
            self._reader.judge()
            self._complete(asked)
        except Exception:
            abort(self._client, asked.identifier)
            raise
        return asked

    def _parts(self, asked: Asked) -> None:
        size = part_size(self._reader.found.size)
        flying: set[Future[None]] = set()
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="part") as pool:
            for number, part in enumerate(_parts_of(self._reader.pieces(), size), start=1):
                flying.add(pool.submit(self._part, asked, number, part))
                if len(flying) >= AT_ONCE:
                    done, flying = wait(flying, return_when=FIRST_COMPLETED)
                    for each in done:
                        each.result()
            for each in flying:
                each.result()

    def _part(self, asked: Asked, number: int, part: bytearray) -> None:
        address = self._client.address
        query = urlencode({"upload_id": asked.identifier, "part_number": number})
        url = f"{asked.url}{'&' if '?' in asked.url else '?'}{query}"
        headers = {"X-Api-Key": address.api_key, "Content-Length": str(len(part))}

        def once() -> None:
            self._client.throttle(0, len(part))
            with self._lock:
                self._sent += len(part)
            judge_status(send(self._client, self._pool, "PUT", url, part, headers), str(address))

        attempts(once, self._client)

    def _complete(self, asked: Asked) -> None:
        """Where an answer was lost, a refusal says that it is done; the making of the package shows whether.

        Passing where the parts have to be sent anew.
        """
        data = {"upload_id": asked.identifier, "complete": True}
        for attempt in range(1, ATTEMPTS + 1):
            try:
                self._client.said(
                    self._client.files.files_complete,
                    *self._client.here,
                    asked.identifier,
                    data=data,
                    again=False,
                )
                return
            except (RequestRefused, Missing):
                if attempt > 1:
                    self._doubtful = True
                    return
                raise Passing(
                    "Cloudsmith does not put the parts of an object together.",
                    advice="Run the same command again.",
                    cause="storage",
                ) from None
            except Passing:
                if attempt == ATTEMPTS:
                    raise
            self._client.wait(attempt)


def abort(client: Client, identifier: str) -> None:
    """As well as it goes: Cloudsmith clears away what is not completed."""
    with suppress(MigrationError):
        client.said(
            client.files.files_abort, *client.here, identifier, data={"upload_id": identifier}, again=True
        )


def part_size(size: int) -> int:
    """Bytes: 16 MiB, or as many more as 10,000 parts ask for, in whole MiB."""
    return max(PART, -(-size // MOST_PARTS // 2**20) * 2**20 if size > MOST_PARTS * PART else PART)


def _parts_of(pieces: Iterable[Piece], size: int) -> Iterator[bytearray]:
    """Each part is a buffer of its own, which does not grow and nobody copies."""
    part, filled = bytearray(size), 0
    for piece in pieces:
        left = memoryview(piece)
        while left:
            some = left[: size - filled]
            part[filled : filled + len(some)] = some
            filled, left = filled + len(some), left[len(some) :]
            if filled == size:
                yield part
                part, filled = bytearray(size), 0
    if filled:
        del part[filled:]
        yield part
