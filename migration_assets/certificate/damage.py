"""Damage: where a certificate is not what was signed, named by line, partition and field.

That nothing is found here does not make a certificate sound: only its signature does.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from migration_assets.certificate.keys import PublicKey, from_b64url
from migration_assets.certificate.lines import MARKS, Parted, parted, sha256
from migration_assets.certificate.signature import protected

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

    def says(self, what: str, field: str = "") -> Damage:
        return Damage(self.number, what, field, self.parts.text("contract"), self.parts.text("partition"))


def damages(raw: bytes) -> tuple[Damage, ...]:
    """In the order of the file; none where every line is as its marks, the line after it and the
    signature's header say."""
    lines = _lines(raw)
    found = [line.says(what, name) for line in lines for name, what in line.own]
    if raw and not raw.endswith(b"\n"):
        found.append(lines[-1].says("its line end is not there"))
    if not lines or lines[-1].parts.kind != "signature":
        broken = any(_JOINED.search(line.text) or line.own[:1] == _REST for line in lines)
        found += [] if broken else [Damage(len(lines) + 1, "the signature is not there")]
    else:
        found += _of_signature(lines)
    found += _Order(lines).damages()
    return tuple(sorted(found, key=lambda each: each.line))


def _lines(raw: bytes) -> list[Line]:
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
        after = _hash_said(texts[at + 1], kinds[at + 1]) if at + 1 < len(texts) else None
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


def _hash_said(text: bytes, kind: str) -> str | None:
    """The hash that a line names of the one before it."""
    parts = parted(text, kind)
    if kind != "signature":
        return parts.text("previous")
    header = _decoded(parts)
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


@dataclass(frozen=True)
class _Order:
    """The lines in the order in which they stand."""

    lines: list[Line]

    def damages(self) -> Iterator[Damage]:
        """Lines that are sound alone, and do not stand where they stood."""
        for at, line in enumerate(self.lines):
            first = self._places[self._hashes[at]]
            if first != line.number:
                yield line.says(f"it is line {first} once more")
            elif not line.own and line.parts.kind != "signature":
                yield from self._of_line(line, self.lines[at - 1] if at else None)

    def _of_line(self, line: Line, before: Line | None) -> Iterator[Damage]:
        mine = self.lines[0].parts.text("certificate")
        if before is None and line.parts.kind != "certificate":
            yield line.says("a certificate begins with another line")
        elif before is None or before.own:
            return
        elif line.parts.kind == "certificate":
            yield line.says("another certificate begins here")
        elif not self.lines[0].own and line.parts.text("certificate") != mine:
            yield line.says("it is of another certificate")
        elif line.parts.text("previous") != self._hashes[before.number - 1]:
            yield self._gap(before, line)

    def _gap(self, before: Line, line: Line) -> Damage:
        """
        the line that it names      numbers    it is what the next one names   then
        is here                     -          -                               it stood behind that one
        is not here                 a gap      -                               lines are missing
        is not here                 no gap     yes                             the one before it was changed
        is not here                 no gap     no                              it was changed
        """
        there = self._places.get(line.parts.text("previous"))
        if there is not None:
            return line.says(f"it stood behind what is line {there} now")
        first, last = before.parts.number("at"), line.parts.number("at")
        if first is not None and last is not None and last - first > 1:
            return line.says(f"{last - first - 1} lines before it are not there")
        after = self.lines[line.number] if line.number < len(self.lines) else None
        sound = after and _hash_said(after.text, after.parts.kind) == self._hashes[line.number - 1]
        return (before if sound else line).says("it was changed together with its marks")

    @cached_property
    def _hashes(self) -> list[str]:
        return [sha256(line.text) for line in self.lines]

    @cached_property
    def _places(self) -> dict[str, int]:
        places: dict[str, int] = {}
        for line, hashed in zip(self.lines, self._hashes, strict=True):
            places.setdefault(hashed, line.number)
        return places


def _of_signature(lines: list[Line]) -> Iterator[Damage]:
    line, head = lines[-1], lines[0]
    yield from (
        each.says("lines follow the signature") for each in lines[:-1] if each.parts.kind == "signature"
    )
    if line.own or len(lines) < 2:
        return
    if not _signature_of(line.parts):
        yield line.says("it is not written as a signature is", "signature")
    header, key = _decoded(line.parts), _key(head)
    if header is None:
        yield line.says("it is not what was signed", "protected")
        return
    if head.own or lines[-2].own or key is None:
        return
    due = protected(key, lines[-2].text)
    if {**header, "last": ""} != {**(_header(due) or {}), "last": ""}:
        yield line.says("it is not what was signed", "protected")
    elif line.parts.text("protected") != due:
        number, partitions = lines[-2].parts.number("at"), head.parts.number("partitions")
        if number is not None and partitions is not None and number < partitions + 1:
            yield line.says(f"{partitions + 1 - number} lines before it are not there")
        else:
            yield line.says("it is the signature of other lines", "protected")


def _decoded(parts: Parted) -> dict[str, object] | None:
    """The protected header; None where it is none."""
    return _header(parts.text("protected"))


def _header(text: str) -> dict[str, object] | None:
    try:
        found = json.loads(from_b64url(text))
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _signature_of(parts: Parted) -> bytes:
    """64 bytes; none where they are not written in the one way."""
    try:
        found = from_b64url(parts.text("signature"))
    except ValueError:
        return b""
    return found if len(found) == 64 else b""


def _key(head: Line) -> PublicKey | None:
    try:
        return PublicKey.of_jwk(json.loads(head.parts.values["signing_key"])["x"])
    except (ValueError, KeyError, TypeError):
        return None
