"""Found lines: the lines of a file that says it is a certificate, and what is wrong with each alone."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from migration_assets.certificate.keys import from_b64url
from migration_assets.certificate.lines import MARKS, Parted, parted, sha256

#: more fields than that are not named one by one: the line is broken
FEW = 3
_REST = (("", "it is the rest of the line before, which was broken in two"),)
_JOINED = re.compile(rb'\}[^,\]}]?\{"(?:at|protected)":')


@dataclass(frozen=True)
class Damage:
    """One place of the file; lines are counted from 1."""

    line: int
    what: str
    field: str = ""
    contract: str = ""
    partition: str = ""

    def __str__(self) -> str:
        of = f" ({self.contract} {self.partition})" if self.contract else ""
        field = f", field `{self.field}`" if self.field else ""
        return f"line {self.line}{of}{field}: {self.what}"


@dataclass(frozen=True)
class Line:
    """One line of a file that says it is a certificate."""

    number: int
    text: bytes
    parts: Parted
    #: what is wrong with it as it stands alone
    own: tuple[tuple[str, str], ...] = field(default=())

    @property
    def is_broken(self) -> bool:
        """Whether a line end is missing here, or too many."""
        return bool(_JOINED.search(self.text)) or self.own[:1] == _REST

    def says(self, what: str, field: str = "") -> Damage:
        return Damage(self.number, what, field, self.parts.text("contract"), self.parts.text("partition"))


def found_lines(raw: bytes) -> list[Line]:
    texts = raw.split(b"\n")
    if not texts[-1]:
        texts.pop()
    elif texts[-1][-2:-1] == b"}":
        # what stands in the place of the last line end is said of that
        texts[-1] = texts[-1][:-1]
    kinds = [_kind(text, at, len(texts)) for at, text in enumerate(texts)]
    lines: list[Line] = []
    for at, (text, kind) in enumerate(zip(texts, kinds, strict=True)):
        bare = text[:-1] if text.endswith(b"}\r") else text
        parts = parted(bare, kind)
        own = [("", "it ends in CR LF, not in LF")] if bare != text else []
        after = hash_said(texts[at + 1], kinds[at + 1]) if at + 1 < len(texts) else None
        rest = at and not text.startswith(b"{") and not texts[at - 1].rstrip(b"\r").endswith(b"}")
        own += _REST if rest and text else _own(bare, parts, after)
        lines.append(Line(at + 1, bare, parts, tuple(own)))
    return lines


def _kind(text: bytes, at: int, of: int) -> str:
    """By what it says; by where it stands where it says nothing that is known."""
    for kind in ("certificate", "partition"):
        if b'"type":"%s"}' % kind.encode() in text:
            return kind
    if text.startswith(b'{"protected":') or (at == of - 1 and b'"signature"' in text):
        return "signature"
    if at == 0:
        return "certificate"
    return "signature" if text[2:11] == b"protected" else "partition"


def hash_said(text: bytes, kind: str) -> str | None:
    """The hash that a line names of the one before it."""
    parts = parted(text, kind)
    if kind != "signature":
        return parts.text("previous")
    header = protected_of(parts)
    return str(header.get("last")) if header else None


def _own(text: bytes, parts: Parted, expected: str | None) -> Iterator[tuple[str, str]]:
    """Field and damage; `expected` is the hash that the next line says this one had."""
    if not text:
        yield "", "it is empty"
        return
    if _JOINED.search(text):
        yield "", "two lines stand in one: a line end is not there"
        return
    bad = parts.damaged()
    if len(bad) > FEW:
        yield bad[0], "it is not whole, or no line of a certificate"
        return
    marks = parts.values.get(MARKS, b"")
    if (
        len(bad) == 1
        and bad[0] != MARKS
        and sha256(text.replace(marks, parts.marks_expected(), 1)) == expected
    ):
        yield MARKS, f"the mark of `{bad[0]}` is not the one that was signed"
        return
    for name in bad:
        yield name, "it is not what was signed"


def protected_of(parts: Parted) -> dict[str, object] | None:
    """The protected header; None where it is none."""
    return header_of(parts.text("protected"))


def header_of(text: str) -> dict[str, object] | None:
    try:
        found = json.loads(from_b64url(text))
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
