"""What an object's first bytes are: a container by its magic number, and an archive's first members."""

import io
import re
import struct
import tarfile
import zlib
from dataclasses import dataclass
from typing import Literal

#: `archive`: a tar in gzip
Inside = Literal["zip", "gzip", "archive", "tar", "deb", "rpm", "text", "other"]

#: bytes that are unpacked at most
_MOST = 16 * 2**20
#: a member's name, and the format whose package has it
_MEMBERS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"package/package\.json"), "npm"),
    (re.compile(r"[^/]+/Chart\.yaml"), "helm"),
    (re.compile(r"[^/]+/PKG-INFO"), "python"),
    (re.compile(r"[^/]+/DESCRIPTION"), "cran"),
    (re.compile(r"[0-9a-f]{64}/layer\.tar|oci-layout"), "docker"),
)


@dataclass(frozen=True)
class Looked:
    kind: Inside
    #: whose packages have members like its own, in order
    formats: tuple[str, ...] = ()
    #: whether there are members that were not seen
    cut: bool = False
    #: the one folder that all members seen lie in; empty: there are several
    folder: str = ""


def look(head: bytes) -> Looked:
    """By the first bytes alone."""
    if head.startswith(b"!<arch>\n") and b"debian-binary" in head[:100]:
        return Looked("deb")
    if head.startswith(b"\xed\xab\xee\xdb"):
        return Looked("rpm")
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return Looked("zip", _of_zip(head))
    if head.startswith(b"\x1f\x8b"):
        unpacked = _unpacked(head)
        return _of_tar("archive", unpacked) if _is_tar(unpacked) else Looked("gzip")
    if _is_tar(head):
        return _of_tar("tar", head)
    return Looked("text" if _is_text(head) else "other")


def _is_tar(body: bytes) -> bool:
    return body[257:262] == b"ustar"


def _is_text(head: bytes) -> bool:
    return bool(head) and b"\0" not in head[:4096]


def _unpacked(head: bytes) -> bytes:
    try:
        return zlib.decompressobj(31).decompress(head, _MOST)
    except zlib.error:
        return b""


def _of_tar(kind: Literal["archive", "tar"], body: bytes) -> Looked:
    names: list[str] = []
    cut = False
    try:
        with tarfile.open(fileobj=io.BytesIO(body), mode="r:") as archive:
            names = [member.name.removeprefix("./") for member in archive]
        # a whole archive ends in two blocks of zeros
        cut = not body.endswith(b"\0" * 1024)
    except (tarfile.TarError, OSError, EOFError):
        names, cut = names or _first_names(body), True
    folders = {name.partition("/")[0].lower() for name in names}
    return Looked(kind, _formats(names), cut, folders.pop() if len(folders) == 1 else "")


def _first_names(body: bytes) -> list[str]:
    """Of the members whose headers are whole."""
    names: list[str] = []
    try:
        with tarfile.open(fileobj=io.BytesIO(body), mode="r|") as archive:
            for member in archive:
                names.append(member.name.removeprefix("./"))
    except (tarfile.TarError, OSError, EOFError):
        pass
    return names


def _of_zip(head: bytes) -> tuple[str, ...]:
    """By the names in the local headers that are seen; a package with a name of its own is known by that."""
    names: list[str] = []
    at = 0
    while head[at : at + 4] == b"PK\x03\x04" and at + 30 <= len(head):
        flags, size, length, extra = struct.unpack_from("<6xH10xI4xHH", head, at)
        names.append(head[at + 30 : at + 30 + length].decode("utf-8", "replace"))
        if flags & 8:
            # its size stands behind it
            break
        at += 30 + length + extra + size
    found: list[str] = []
    for name in names:
        if "/" not in name and name.endswith(".nuspec"):
            found.append("nuget")
        if re.fullmatch(r"[^/]+\.dist-info/(METADATA|WHEEL)", name):
            found.append("python")
    return tuple(dict.fromkeys(found))


def _formats(names: list[str]) -> tuple[str, ...]:
    """Of a whole list of members: what is deeper in a package does not count."""
    found = [format for name in names for pattern, format in _MEMBERS if pattern.fullmatch(name)]
    return tuple(dict.fromkeys(found))
