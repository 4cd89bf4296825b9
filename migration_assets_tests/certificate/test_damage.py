"""Where a certificate is not what was signed."""

import bisect
import json
import random
from itertools import accumulate

import pytest

from migration_assets.certificate.canonical import canonical
from migration_assets.certificate.damage import damages
from migration_assets.certificate.lines import FIELDS, parted, sealed
from migration_assets_tests.certificate.example import certificate, checked

RAW = certificate()
LINES = RAW.split(b"\n")[:-1]


def said(*lines: bytes) -> list[tuple[int, str]]:
    return [(each.line, each.what) for each in checked(b"".join(line + b"\n" for line in lines)).damages]


def field_at(line: bytes, kind: str, place: int) -> set[str]:
    """The field whose name or value has the byte; the last one, where it ends the line."""
    starts = [line.index(b'"%s":' % name.encode()) - 1 for name in FIELDS[kind]]
    return {FIELDS[kind][max(bisect.bisect_right(starts, place) - 1, 0)]}


def test_an_untouched_certificate_has_none() -> None:
    assert damages(RAW) == ()
    assert checked(RAW).sound


def test_every_one_of_400_changed_bytes_is_named_by_line_and_field() -> None:
    seed = random.randrange(1 << 31)
    print(f"seed {seed}")
    chance = random.Random(seed)
    starts = [0, *accumulate(len(line) + 1 for line in LINES)]
    found = 0
    for _ in range(400):
        place = chance.randrange(len(RAW))
        byte = chance.choice([value for value in range(256) if value != RAW[place]])
        at = bisect.bisect_right(starts, place) - 1
        within, kind = place - starts[at], "partition"
        if at in (0, len(LINES) - 1):
            kind = "certificate" if at == 0 else "signature"
        named = checked(RAW[:place] + bytes([byte]) + RAW[place + 1 :]).damages
        assert named, (seed, place, byte)
        assert named[0].line == at + 1, (seed, place, byte, named)
        # a line end that is written into a line makes two of it
        assert len({each.line for each in named} - {at + 1, at + 2}) == 0, (seed, place, byte, named)
        assert len(named) == 1 or byte == 10, (seed, place, byte, named)
        if within < len(LINES[at]) and byte not in (10, 13):
            assert {named[0].field} == field_at(LINES[at], kind, within), (seed, place, byte, named)
            if kind == "partition" and named[0].field not in ("contract", "partition", "marks", "load"):
                assert (named[0].contract, named[0].partition) == ("orders", f"größe {at - 1:04d}")
        found += 1
    assert found == 400


def test_any_other_damage_is_named_and_nothing_else_happens() -> None:
    seed = random.randrange(1 << 31)
    print(f"seed {seed}")
    chance = random.Random(seed)
    for _ in range(300):
        first, last = sorted(chance.sample(range(len(RAW)), 2))
        piece = chance.choice(
            [b"", RAW[first:last][::-1], chance.randbytes(9), RAW[last : last + 300], b"\\ud800", b"\n" * 3]
        )
        changed = RAW[:first] + piece + RAW[last:]
        assert changed == RAW or checked(changed).damages, (seed, first, last, piece)


def test_blanks_escapes_and_line_ends_are_changes_too() -> None:
    line = LINES[2]
    assert said(*LINES[:2], line.replace(b":", b": "), *LINES[3:])[0][0] == 3
    assert said(*LINES[:2], line.replace("ö".encode(), b"\\u00f6"), *LINES[3:])[0][0] == 3
    assert said(*LINES[:2], canonical(json.loads(line))[:-1] + b" }", *LINES[3:])[0][0] == 3
    assert said(*LINES[:2], line + b"\r", *LINES[3:]) == [(3, "it ends in CR LF, not in LF")]
    assert said(*LINES[:2], line + LINES[3], *LINES[4:]) == [
        (3, "two lines stand in one: a line end is not there")
    ]
    assert [each.line for each in damages(RAW[:-1])] == [len(LINES)]
    for place in range(len(LINES[-1]) + 1):
        blank = LINES[-1][:place] + b" " + LINES[-1][place:]
        assert {line for line, _ in said(*LINES[:-1], blank)} == {len(LINES)}
    assert damages(RAW + b"\n")
    assert damages(RAW + b"x")
    assert damages(b"\xef\xbb\xbf" + RAW)[0].line == 1


def test_lines_that_are_removed_swapped_or_doubled_are_named() -> None:
    assert said(*LINES[:3], *LINES[4:]) == [(4, "the line before it is not there")]
    assert said(*LINES[:-2], LINES[-1]) == [(7, "the line before it is not there")]
    assert said(*LINES[:3], *LINES[5:]) == [(4, "2 lines before it are not there")]
    assert said(*LINES[:4], *LINES[3:]) == [(5, "it is line 4 once more")]
    assert said(*LINES[:3], LINES[4], LINES[3], *LINES[5:])[0] == (4, "it stood behind what is line 5 now")
    assert said(*LINES[1:])[0] == (1, "a certificate begins with another line")
    assert said(*LINES[:-1]) == [(8, "the signature is not there")]
    assert said(*LINES, LINES[-1])[0] == (8, "lines follow the signature")
    assert checked(b"").damages
    assert checked(b"\x00\xff\n\n{").damages


def test_two_certificates_in_one_are_named_where_the_other_begins() -> None:
    others = certificate(certificate="ee" * 16).split(b"\n")[:-1]
    assert [
        line for line, what in said(*LINES[:4], *others[4:]) if what == "it is of another certificate"
    ] == [5, 6, 7]
    assert (5, "it is of another certificate") in said(*LINES[:4], others[4], *LINES[5:])
    assert said(*LINES[:-1], others[-1]) == [(8, "it is the signature of other lines")]
    assert (9, "another certificate begins here") in said(*LINES, *others)


def test_a_line_that_is_changed_together_with_its_marks_is_named_by_the_next_one() -> None:
    fields = {k: v for k, v in json.loads(LINES[3]).items() if k not in ("marks", "previous", "type")}
    forged = sealed("partition", {**fields, "counts": {**fields["counts"], "found": 9}}, LINES[2])
    assert said(*LINES[:3], forged, *LINES[4:]) == [(4, "it was changed together with its marks")]


def test_a_file_that_is_forged_as_a_whole_has_no_signature() -> None:
    lines: list[bytes] = []
    for at, line in enumerate(LINES[:-1]):
        fields = {k: v for k, v in json.loads(line).items() if k not in ("marks", "previous", "type")}
        kind = "partition" if at else "certificate"
        lines.append(
            sealed(kind, {**fields, **({} if at else {"made_by": "eve@desk"})}, lines[-1] if at else None)
        )
    ((line, _),) = said(*lines, LINES[-1])
    assert line == len(LINES)


@pytest.mark.parametrize("line", LINES[:2])
def test_a_line_is_parted_by_its_own_fields_alone(line: bytes) -> None:
    kind = json.loads(line)["type"]
    parts = parted(line, kind)
    assert {name: json.loads(value) for name, value in parts.values.items()} == json.loads(line)
    assert parts.damaged() == ()
