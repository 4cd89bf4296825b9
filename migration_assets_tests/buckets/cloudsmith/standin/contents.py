"""What a package's file is, as far as a server looks into it: digests, name and version, whether it can be one."""

import hashlib
import re
from pathlib import Path
from typing import Any

_MAGIC: dict[str, tuple[bytes, ...]] = {
    "deb": (b"!<arch>\n", b"-----BEGIN PGP", b"Format:"),
    "rpm": (b"\xed\xab\xee\xdb",),
    "nuget": (b"PK\x03\x04",),
    "python": (b"PK\x03\x04", b"\x1f\x8b", b"BZh"),
    "npm": (b"\x1f\x8b",),
    "helm": (b"\x1f\x8b",),
    "cargo": (b"\x1f\x8b",),
    "cran": (b"\x1f\x8b", b"PK\x03\x04"),
}
_VERSION = re.compile(r"(.+?)[-_]v?(\d[\w.+]*)")


def digests(file: Path) -> dict[str, str]:
    hashes = [hashlib.new(name) for name in ("md5", "sha1", "sha256", "sha512")]
    with file.open("rb") as opened:
        while piece := opened.read(2**20):
            for each in hashes:
                each.update(piece)
    return {each.name: each.hexdigest() for each in hashes}


def flip(file: Path) -> None:
    with file.open("r+b") as opened:
        first = opened.read(1)
        opened.seek(0)
        opened.write(bytes([first[0] ^ 1]) if first else b"!")


def unreadable(format: str, file: Path) -> str:
    """Why the file cannot be a package of its format; empty: it can."""
    with file.open("rb") as opened:
        head = opened.read(16)
    if format in _MAGIC and not head.startswith(_MAGIC[format]):
        return f"Unable to process the {format} package: the file is not in the right format."
    return ""


def named(format: str, filename: str, said: dict[str, Any]) -> tuple[str, str]:
    """Name and version, as said or as the file's name has them."""
    if format == "maven":
        return str(said.get("artifact_id") or filename), str(said.get("version") or "")
    if format == "generic":
        last = str(said.get("filepath", filename)).rsplit("/", 1)[-1]
        return str(said.get("name") or last), str(said.get("version") or "")
    found = _VERSION.match(re.sub(r"\.(tar\.gz|tgz|whl|nupkg|deb|rpm|gem|crate|zip)$", "", filename))
    name, version = (found[1], found[2]) if found and format != "raw" else (filename, "")
    return str(said.get("name") or name), str(said.get("version") or version)


def slugged(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60] or "package"
