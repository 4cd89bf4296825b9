"""The hashes of bytes while they go by, against what their source claims of them."""

import base64
import hashlib
import zlib
from collections.abc import Iterable, Iterator

from migration_assets.buckets.model import Attributes
from migration_assets.buckets.s3.store import Damaged

Piece = bytes | bytearray | memoryview


class Hashes:
    """sha256 unless nobody needs it; MD5 where it is asked for; sha1, sha512 and crc32 where they are
    claimed."""

    def __init__(self, *, md5: bool, sha256: bool = True, claimed: Iterable[str] = ()) -> None:
        self._sha256 = hashlib.sha256() if sha256 else None
        self.md5 = hashlib.md5(usedforsecurity=False) if md5 else None
        self._sha1 = hashlib.sha1(usedforsecurity=False) if "sha1" in claimed else None
        self._sha512 = hashlib.sha512() if "sha512" in claimed else None
        self._crc32: int | None = 0 if "crc32" in claimed else None
        self.size = 0

    def update(self, piece: Piece) -> None:
        self.size += len(piece)
        if self._sha256:
            self._sha256.update(piece)
        if self.md5:
            self.md5.update(piece)
        if self._sha1:
            self._sha1.update(piece)
        if self._sha512:
            self._sha512.update(piece)
        if self._crc32 is not None:
            self._crc32 = zlib.crc32(piece, self._crc32)

    def through(self, pieces: Iterable[Piece]) -> Iterator[Piece]:
        for piece in pieces:
            self.update(piece)
            yield piece

    @property
    def md5_hex(self) -> str:
        return self.md5.hexdigest() if self.md5 else ""

    @property
    def sha256_hex(self) -> str:
        return self._sha256.hexdigest() if self._sha256 else ""

    @property
    def sha256_base64(self) -> str:
        return base64.b64encode(self._sha256.digest()).decode() if self._sha256 else ""

    def held_to(self, attributes: Attributes, md5: str, size: int, shown: str) -> None:
        """Damaged where the bytes are not what the source claims; `md5` is empty where it claims none."""
        found = {
            "sha256": self.sha256_base64,
            "md5": base64.b64encode(self.md5.digest()).decode() if self.md5 else "",
            "sha512": base64.b64encode(self._sha512.digest()).decode() if self._sha512 else "",
            "sha1": base64.b64encode(self._sha1.digest()).decode() if self._sha1 else "",
            "crc32": base64.b64encode((self._crc32 or 0).to_bytes(4)).decode()
            if self._crc32 is not None
            else "",
        }
        wrong = [
            name
            for name, value in attributes.checksums.items()
            if "-" not in value and found.get(name, "") not in ("", value)
        ]
        if md5 and self.md5 and self.md5.hexdigest() != md5:
            wrong.append("ETag")
        if self.size != size:
            wrong.append("size")
        if wrong:
            raise Damaged(f"The bytes that {shown} gave are not those that it claims ({', '.join(wrong)}).")


def base64_of(hexadecimal: str) -> str:
    return base64.b64encode(bytes.fromhex(hexadecimal)).decode()
