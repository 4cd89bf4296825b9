"""An upload of rows whose number nobody knows yet: part by part, in memory that does not grow.

What fits into one part is one request. An upload that an error ends is aborted; of a process that was
killed, the next run of its partition aborts it.
"""

import hashlib
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from migration_assets.errors import MigrationError, Passing
from migration_assets.staging.manifest import StagedFile
from migration_assets.staging.objects import Objects, sha256
from migration_assets.stores.cloud_refusals import code_of

#: bytes of a part, and of one after so many of them: S3 takes ten thousand
PART, LATER_PART, MANY = 8 << 20, 64 << 20, 1000
#: parts on their way at once
AHEAD = 2


class Upload:
    def __init__(self, objects: Objects, path: str) -> None:
        self._objects = objects
        self._path = path
        self._hash = hashlib.sha256()
        self._size = 0
        self._waiting = bytearray()
        self._id = ""
        self._parts: list[dict[str, Any]] = []
        self._sending: deque[Future[dict[str, Any]]] = deque()
        self._number = 0
        self._threads: ThreadPoolExecutor | None = None

    def write(self, lines: bytes) -> None:
        self._hash.update(lines)
        self._size += len(lines)
        self._waiting += lines
        while len(self._waiting) > (size := PART if self._number < MANY else LATER_PART):
            part = bytes(memoryview(self._waiting)[:size])
            del self._waiting[:size]
            self._send(part)

    def staged(self) -> StagedFile:
        return StagedFile(self._path, self._size, self._hash.hexdigest())

    def finish(self) -> None:
        """Now the object is there; of no rows there is none."""
        if not self._id:
            if self._size:
                self._objects.put(self._path, bytes(self._waiting))
            return
        self._send(bytes(self._waiting))
        while self._sending:
            self._parts.append(self._sending.popleft().result())
        self._complete()
        if self._objects.size(self._path) != self._size:
            raise Passing(
                f"The staging at {self._objects.address} did not keep all that was sent.",
                advice="Run the same command again.",
            )
        self._end()

    def abort(self) -> None:
        """Away with what was sent; what is still on its way is left to the next run."""
        self._end()
        if self._id:
            with suppress(MigrationError):
                self._objects.abort(self._objects.at(self._path)["Key"], self._id)

    def _send(self, part: bytes) -> None:
        if not self._id:
            self._begin()
        assert self._threads
        while len(self._sending) >= AHEAD:
            self._parts.append(self._sending.popleft().result())
        self._number += 1
        self._sending.append(self._threads.submit(self._sent, self._number, part))

    def _begin(self) -> None:
        with self._objects.told():
            answer = self._objects.client.create_multipart_upload(
                **self._objects.at(self._path), ChecksumAlgorithm="SHA256", **self._objects.encryption
            )
        self._id = answer["UploadId"]
        self._threads = ThreadPoolExecutor(AHEAD, thread_name_prefix="staging")

    def _sent(self, number: int, part: bytes) -> dict[str, Any]:
        checksum = sha256(part)
        with self._objects.told():
            answer = self._objects.client.upload_part(
                **self._objects.at(self._path),
                UploadId=self._id,
                PartNumber=number,
                Body=part,
                ChecksumSHA256=checksum,
            )
        return {"PartNumber": number, "ETag": answer["ETag"], "ChecksumSHA256": checksum}

    def _complete(self) -> None:
        from botocore.exceptions import ClientError

        with self._objects.told():
            try:
                self._objects.client.complete_multipart_upload(
                    **self._objects.at(self._path), UploadId=self._id, MultipartUpload={"Parts": self._parts}
                )
            except ClientError as error:
                # a request whose answer was lost has finished it; whether it has is looked at next
                if code_of(error)[0] != "NoSuchUpload":
                    raise

    def _end(self) -> None:
        if self._threads:
            self._threads.shutdown(wait=False, cancel_futures=True)
