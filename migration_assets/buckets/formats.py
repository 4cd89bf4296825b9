"""Whether first bytes are what an object's name and content type say, and whether an archive opens."""

import bz2
import gzip
import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Mapping
from typing import IO, cast

#: by the ends of names, what such a file begins with, and where
_MAGIC: Mapping[str, tuple[tuple[int, bytes], ...]] = {
    ".png": ((0, b"\x89PNG\r\n\x1a\n"),),
    ".jpg": ((0, b"\xff\xd8\xff"),),
    ".jpeg": ((0, b"\xff\xd8\xff"),),
    ".gif": ((0, b"GIF87a"), (0, b"GIF89a")),
    ".pdf": ((0, b"%PDF-"),),
    ".zip": ((0, b"PK\x03\x04"), (0, b"PK\x05\x06")),
    ".whl": ((0, b"PK\x03\x04"),),
    ".jar": ((0, b"PK\x03\x04"),),
    ".nupkg": ((0, b"PK\x03\x04"),),
    ".gz": ((0, b"\x1f\x8b"),),
    ".tgz": ((0, b"\x1f\x8b"),),
    ".bz2": ((0, b"BZh"),),
    ".xz": ((0, b"\xfd7zXZ\x00"),),
    ".zst": ((0, b"\x28\xb5\x2f\xfd"),),
    ".parquet": ((0, b"PAR1"),),
    ".deb": ((0, b"!<arch>\n"),),
    ".rpm": ((0, b"\xed\xab\xee\xdb"),),
    ".sqlite": ((0, b"SQLite format 3\0"),),
    ".tar": ((257, b"ustar"),),
}
#: by content type, the end of a name that stands for it
_TYPES: Mapping[str, str] = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "application/pdf": ".pdf",
    "application/zip": ".zip",
    "application/gzip": ".gz",
    "application/x-gzip": ".gz",
    "application/x-tar": ".tar",
    "application/vnd.apache.parquet": ".parquet",
}
#: opened whole, up to so many bytes unpacked
_MOST = 64 << 20
#: not .xz, which may take as much memory as it likes
_PACKED: Mapping[str, Callable[[IO[bytes]], IO[bytes]]] = {
    ".gz": lambda body: cast(IO[bytes], gzip.GzipFile(fileobj=body)),
    ".tgz": lambda body: cast(IO[bytes], gzip.GzipFile(fileobj=body)),
    ".bz2": lambda body: cast(IO[bytes], bz2.BZ2File(body)),
}
_CLOSED = "the archive does not open"
#: whatever the standard library ends by where bytes are not what they should be
_DAMAGED = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    struct.error,
    OSError,
    EOFError,
    ValueError,
    LookupError,
    OverflowError,
    MemoryError,
)


def is_known(key: str) -> bool:
    """Whether a name says what its first bytes are."""
    return key.lower().endswith(tuple(_MAGIC))


def fault_of(key: str, headers: Mapping[str, str], body: bytes, *, whole: bool) -> str:
    """Why it is not what it says; empty where it is, or where nobody knows.

    `body` is all of the object where it is `whole`, else its beginning.
    """
    if not body:
        return ""
    ending = next((end for end in _MAGIC if key.lower().endswith(end)), "")
    said = _TYPES.get(headers.get("content-type", "").partition(";")[0].strip().lower(), "")
    encoded = bool(headers.get("content-encoding", "").replace("identity", ""))
    for what, name in ((ending, "its name"), (said, "its content type")):
        # what is encoded on top of its type does not begin as the type does
        if what and not encoded and not _begins(what, body):
            return f"{name} says {what[1:]}, and its first bytes do not"
    return _opened(ending or said, body) if whole and not encoded else ""


def _begins(ending: str, body: bytes) -> bool:
    return any(body[at : at + len(magic)] == magic for at, magic in _MAGIC[ending])


def _opened(ending: str, body: bytes) -> str:
    try:
        return "" if _is_whole(ending, body) else _CLOSED
    except RuntimeError as error:
        # it has a password; or it is packed in a way that nobody here knows
        return _CLOSED if isinstance(error, NotImplementedError) else ""
    except _DAMAGED:
        return _CLOSED


def _is_whole(ending: str, body: bytes) -> bool:
    if _MAGIC.get(ending, ((0, b""),))[0][1].startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            if sum(each.file_size for each in archive.infolist()) <= _MOST:
                return archive.testzip() is None
    elif ending in _PACKED:
        with _PACKED[ending](io.BytesIO(body)) as archive:
            _read(archive)
    elif ending == ".tar":
        with tarfile.open(fileobj=io.BytesIO(body)) as archive:
            archive.getnames()
    return True


def _read(archive: IO[bytes]) -> None:
    for _ in range(_MOST // (1 << 20)):
        if not archive.read(1 << 20):
            return
