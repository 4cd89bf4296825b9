"""What Cloudsmith tells of a package's bytes, computed from the bytes that were read."""

import base64
import hashlib
from collections.abc import Mapping

#: in the words of Cloudsmith's fields `checksum_…`
ALGORITHMS = ("md5", "sha1", "sha256", "sha512")


class Digests:
    """All four, and the size, of bytes that come in pieces."""

    def __init__(self) -> None:
        self._hashes = tuple(hashlib.new(name, usedforsecurity=False) for name in ALGORITHMS)
        self.size = 0

    def add(self, piece: bytes | bytearray | memoryview) -> None:
        self.size += len(piece)
        for each in self._hashes:
            each.update(piece)

    def hexadecimal(self) -> dict[str, str]:
        return {name: each.hexdigest() for name, each in zip(ALGORITHMS, self._hashes, strict=True)}


def differing(ours: Mapping[str, str], theirs: Mapping[str, str]) -> tuple[str, ...]:
    """Names of the digests that differ or that are missing there."""
    return tuple(name for name in ALGORITHMS if ours[name] != theirs.get(name, "").lower())


def contradicting(ours: Mapping[str, str], etag: str, checksums: Mapping[str, str]) -> tuple[str, ...]:
    """Which claims of the source the bytes do not bear out: `etag` only where it looks like an MD5.

    A checksum is of the whole object unless it ends in `-n`; the source says it in base64.
    """
    found: list[str] = []
    if is_md5(etag) and etag != ours["md5"]:
        found.append("etag")
    for name, said in checksums.items():
        if name in ours and "-" not in said and _hexadecimal(said) != ours[name]:
            found.append(name)
    return tuple(found)


def _hexadecimal(text: str) -> str:
    """Of base64; empty where it is none, which no digest is."""
    try:
        return base64.b64decode(text, validate=True).hex()
    except ValueError:
        return ""


def is_md5(etag: str) -> bool:
    return len(etag) == 32 and not set(etag) - set("0123456789abcdef")
