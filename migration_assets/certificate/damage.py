"""Damage: where a certificate is not what was signed, named by line, partition and field.

That nothing is found here does not make a certificate sound: only its signature does.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from migration_assets.certificate.found_lines import (
    Damage,
    Line,
    found_lines,
    hash_said,
    header_of,
    protected_of,
)
from migration_assets.certificate.keys import PublicKey, from_b64url
from migration_assets.certificate.lines import Parted, sha256
from migration_assets.certificate.signature import protected


def damages(raw: bytes) -> tuple[Damage, ...]:
    """In the order of the file; none where every line is as its marks, the line after it and the
    signature's header say."""
    lines = found_lines(raw)
    found = [line.says(what, name) for line in lines for name, what in line.own]
    if raw and not raw.endswith(b"\n"):
        found.append(lines[-1].says("its line end is not there"))
    if not lines or lines[-1].parts.kind != "signature":
        broken = any(line.is_broken for line in lines)
        found += [] if broken else [Damage(len(lines) + 1, "the signature is not there")]
    else:
        found += _of_signature(lines)
    found += _Order(lines).damages()
    return tuple(sorted(found, key=lambda each: each.line))


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
            return line.says(_missing(last - first - 1))
        after = self.lines[line.number] if line.number < len(self.lines) else None
        sound = after and hash_said(after.text, after.parts.kind) == self._hashes[line.number - 1]
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


def _missing(number: int) -> str:
    return "the line before it is not there" if number == 1 else f"{number} lines before it are not there"


def _of_signature(lines: list[Line]) -> Iterator[Damage]:
    line, head = lines[-1], lines[0]
    yield from (
        each.says("lines follow the signature") for each in lines[:-1] if each.parts.kind == "signature"
    )
    if line.own or len(lines) < 2:
        return
    if not _signature_of(line.parts):
        yield line.says("it is not written as a signature is", "signature")
    header, key = protected_of(line.parts), _key(head)
    if header is None:
        yield line.says("it is not what was signed", "protected")
        return
    if head.own or lines[-2].own or key is None:
        return
    due = protected(key, lines[-2].text)
    if {**header, "last": ""} != {**(header_of(due) or {}), "last": ""}:
        yield line.says("it is not what was signed", "protected")
    elif line.parts.text("protected") != due:
        number, partitions = lines[-2].parts.number("at"), head.parts.number("partitions")
        if number is not None and partitions is not None and number < partitions + 1:
            yield line.says(_missing(partitions + 1 - number))
        else:
            yield line.says("it is the signature of other lines", "protected")


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
