"""The ETag of an upload in parts: the MD5 of its parts' MD5s, and how many they are."""

import hashlib
import re
from collections.abc import Sequence

_COMPOSITE = re.compile(r"[0-9a-f]{32}-[1-9][0-9]*")


def is_composite(etag: str) -> bool:
    return bool(_COMPOSITE.fullmatch(etag))


class Composite:
    """Of bytes that come in pieces, for parts of these sizes."""

    def __init__(self, sizes: Sequence[int]) -> None:
        self._sizes = iter(sizes)
        self._left = next(self._sizes, 0)
        self._part = hashlib.md5(usedforsecurity=False)
        self._done: list[bytes] = []

    def add(self, piece: bytes | bytearray | memoryview) -> None:
        rest = memoryview(piece)
        while rest:
            taken = rest[: self._left] if self._left else rest
            self._part.update(taken)
            rest = rest[len(taken) :]
            if self._left:
                self._left -= len(taken)
                if not self._left:
                    self._close()

    def _close(self) -> None:
        self._done.append(self._part.digest())
        self._part, self._left = hashlib.md5(usedforsecurity=False), next(self._sizes, 0)

    @property
    def etag(self) -> str:
        whole = hashlib.md5(b"".join(self._done), usedforsecurity=False).hexdigest()
        return f"{whole}-{len(self._done)}"
