"""Objects: what a certificate says of each object of a bucket's partition, in a file beside it.

One JSON object a line, in canonical JSON, in the order of the target's keys. The partition's line in the
certificate has the SHA-256 of the whole file, its root, and so the signature is over every byte of it. `mark`
says where a file is damaged: it is the first digits of the SHA-256 of the line before and this line without
its mark. It proves nothing. Files are written and read line by line.
"""

import hashlib
import json
import os
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from migration_assets.certificate.canonical import Json
from migration_assets.certificate.found_lines import Damage
from migration_assets.certificate.lines import sha256
from migration_assets.errors import CertificateRefused

SUFFIX = ".objects.jsonl"
DIGITS = 16
#: bytes; more than any object's line may have
LONGEST = 1 << 16
#: damaged lines that are named of one file
NAMED = 20


@dataclass
class Writing:
    """A file of objects while it is written."""

    _into: BinaryIO
    lines: int = 0
    #: bytes of the objects
    size: int = 0
    _before: bytes = b""

    def __post_init__(self) -> None:
        self._hash = hashlib.sha256()

    def add(self, said: Mapping[str, Json]) -> None:
        """One object, without its mark."""
        line = _text({**said, "mark": _mark(self._before, _text(said))})
        self._into.write(line + b"\n")
        self._hash.update(line + b"\n")
        self._before = line
        self.lines += 1
        self.size += int(str(said["size"]))

    @property
    def root(self) -> str:
        return self._hash.hexdigest()


@contextmanager
def writing(file: Path) -> Generator[Writing]:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as into:
        yield Writing(into)
        into.flush()
        os.fsync(into.fileno())


def read(file: Path) -> Iterator[Mapping[str, Any]]:
    """The objects of a file that is what was signed."""
    with file.open("rb") as lines:
        for line in lines:
            yield json.loads(line)


def file_of(certificate: Path, entry: Mapping[str, Any]) -> Path | None:
    """Where the objects of a certificate's partition are, beside it; None where it has none."""
    said = entry["fingerprints"].get("objects")
    if said is None:
        return None
    return certificate.parent / folder_of(str(entry["certificate"])) / Path(str(said["file"])).name


def folder_of(certificate: str) -> str:
    """The name of the folder with the objects of the certificate of that id."""
    return f"{certificate}.objects"


def damages(certificate: Path, at: int, entry: Mapping[str, Any]) -> tuple[Damage, ...]:
    """Where the objects of the partition, which stands in that line, are not what was signed."""
    file = file_of(certificate, entry)
    if file is None:
        return ()
    found = list(_damages(file, entry["fingerprints"]["objects"]))
    whose = (str(entry["contract"]), str(entry["partition"]))
    return tuple(Damage(at, what, "", *whose) for what in found)


def _damages(file: Path, said: Mapping[str, Any]) -> Iterator[str]:
    """In sentences; none where it has the hash that was signed."""
    digest, before, number, named = hashlib.sha256(), b"", 0, 0
    try:
        with file.open("rb") as lines:
            while line := lines.readline(LONGEST):
                digest.update(line)
                number += 1
                if named < NAMED and (why := _why(line, before)):
                    named += 1
                    yield f"line {number} of {file.name}: {why}"
                before = line.rstrip(b"\n")
    except FileNotFoundError:
        yield f"its objects are not there: {file.parent.name}/{file.name}"
        return
    except OSError as error:
        raise CertificateRefused(
            f"{file} cannot be read: {error.strerror}.", advice="Put it beside its certificate."
        ) from None
    if not named and digest.hexdigest() != said["sha256"]:
        gone = int(said["lines"]) - number
        end = f": {gone} lines are missing at its end" if gone > 0 else ""
        yield f"{file.name} is not the file that was signed{end}"


def _why(line: bytes, before: bytes) -> str:
    """What is wrong with one line; empty where it is as its mark says, and behind the one that it follows."""
    text = line[:-1]
    try:
        found: dict[str, Any] = json.loads(text if line.endswith(b"\n") else b"")
        mark = found.pop("mark")
        whole = _text({**found, "mark": mark}) == text
    except (ValueError, KeyError, TypeError, AttributeError):
        return "it is not whole, or no line of an object"
    if not whole:
        return "it is not written as it was signed"
    return "" if mark == _mark(before, _text(found)) else "it, or the line before, is not what was signed"


def _text(said: Mapping[str, Json]) -> bytes:
    """Canonical JSON, written quickly: all names are ASCII, and there are but texts and whole numbers."""
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _mark(before: bytes, line: bytes) -> str:
    return sha256(before + b"\n" + line)[:DIGITS]
