"""Lines: what a certificate is made of. Each is one JSON object, and holds the hash of the one before.

`marks` has, for each other field in order, the first 8 hexadecimal digits of the SHA-256 of its bytes:
they say which field is damaged, also where the line is no JSON any more. They prove nothing; the
signature does.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from migration_assets.certificate.canonical import Json, canonical

#: the fields of each kind of line, in canonical order; no field within a field has one of these names,
#: so that a line can be parted by them
FIELDS: Mapping[str, tuple[str, ...]] = {
    "certificate": (
        "at", "certificate", "format", "made_at", "made_by", "marks", "number", "partitions", "previous",
        "previous_certificate", "signing_key", "software", "subject", "type",
    ),
    "partition": (
        "at", "certificate", "checks", "contract", "counts", "fingerprints", "load", "marks", "partition",
        "previous", "proof", "snapshots", "source", "target", "type",
    ),
    "signature": ("protected", "signature"),
}  # fmt: skip
MARKS = "marks"
DIGITS = 8
_DECODER = json.JSONDecoder()
#: as an escape never is followed by a colon
_NAME = b'%c"%s":'


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def marked(kind: str) -> tuple[str, ...]:
    """The fields that have a mark, in the order of the marks."""
    return tuple(name for name in FIELDS[kind] if name != MARKS) if kind != "signature" else ()


def mark(value: bytes) -> bytes:
    return sha256(value)[:DIGITS].encode()


def sealed(kind: str, fields: Mapping[str, Json], previous: bytes | None) -> bytes:
    """The line, without its line end, behind the line `previous`; the fields are all but `previous`,
    `type` and `marks`. ValueError for what has no canonical form."""
    whole = {**fields, "type": kind, "previous": None if previous is None else sha256(previous)}
    texts = {name: canonical(value) for name, value in whole.items()}
    texts[MARKS] = b'"%s"' % b" ".join(mark(texts[name]) for name in marked(kind))
    return b"{%s}" % b",".join(b"%s:%s" % (canonical(name), texts[name]) for name in sorted(texts))


@dataclass(frozen=True)
class Parted:
    """A line told apart by the names of its fields, whether or not it is JSON any more."""

    kind: str
    values: Mapping[str, bytes]
    #: fields whose name is not there as it was written
    missing: tuple[str, ...]
    #: the last byte
    end: bytes

    def damaged(self) -> tuple[str, ...]:
        """The fields that are not what their marks say; `marks` where these are not as they were written."""
        expected = self.marks_expected()
        marks = self.values.get(MARKS, expected)
        if marked(self.kind) and self._next(MARKS) in self.missing:
            marks = marks[: len(expected)]
        found = list(self.missing)
        if len(marks) != len(expected):
            found.append(MARKS)
        else:
            for at, name in enumerate(marked(self.kind)):
                place = slice(1 + at * (DIGITS + 1), 1 + at * (DIGITS + 1) + DIGITS)
                # where the next name is missing, nobody knows where this value ends
                if marks[place] != expected[place] and not {name, self._next(name)} & set(self.missing):
                    found.append(name)
            blanks = [marks[place] for place in range(0, len(marks), DIGITS + 1)]
            if blanks != [expected[place] for place in range(0, len(marks), DIGITS + 1)]:
                found.append(MARKS)
        if self.kind == "signature":
            # it has no marks, and is what no signature is over: it is written in one way, or not at all
            wrong = [name for name, value in self.values.items() if value != canonical(self.text(name))]
            found += [name for name in wrong if self._next(name) not in self.missing]
        if self.end != b"}" and not found:
            found.append(FIELDS[self.kind][-1])
        return tuple(dict.fromkeys(found))

    def marks_expected(self) -> bytes:
        """The marks that these values have."""
        return b'"%s"' % b" ".join(mark(self.values.get(name, b"")) for name in marked(self.kind))

    def text(self, name: str) -> str:
        """The text that a field begins with; empty where it is none, or is not there."""
        try:
            found, _ = _DECODER.raw_decode(self.values.get(name, b"").decode("utf-8", "replace"))
            text = found if isinstance(found, str) else ""
            text.encode()  # not half of a surrogate pair
        except ValueError:
            return ""
        return text

    def number(self, name: str) -> int | None:
        value = self.values.get(name, b"")
        return int(value) if value.isdigit() and len(value) < 10 else None

    def _next(self, name: str) -> str | None:
        names = FIELDS[self.kind]
        return next(iter(names[names.index(name) + 1 :]), None)


def parted(line: bytes, kind: str) -> Parted:
    names, values, missing = FIELDS[kind], dict[str, bytes](), list[str]()
    begun, at = "", 0
    for name in names:
        token = _NAME % (ord("{" if name == names[0] else ","), name.encode())
        found = line.find(token, at)
        if found < 0 or (name == names[0] and found):
            missing.append(name)
            continue
        if begun:
            values[begun] = line[at:found]
        begun, at = name, found + len(token)
    end = line[-1:] if at < len(line) else b""
    if begun:
        values[begun] = line[at : len(line) - len(end)]
    return Parted(kind, values, tuple(missing), end)
