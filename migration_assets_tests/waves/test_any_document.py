"""Whatever the bytes are: a wave, or WaveRefused with faults that can be shown."""

import json
import random
from typing import Any

import pytest

from migration_assets.errors import WaveRefused
from migration_assets.waves.document import parsed
from migration_assets.waves.messages.body import wave_text
from migration_assets.waves.places.base import Document
from migration_assets.waves.soundness import alone, judged

WHOLE = b"""\
name: first
version: 2
description: a "quoted" d\xc3\xa9j\xc3\xa0 vu
contracts: [customers, orders]
domains: [crm]
tags: [wave_1]
partitions: {from: 2019-01, to: 2019-12}
priority: -5
after: [zeroth]
window: {timezone: Europe/Berlin, days: [mon, sun], opens: "22:00", closes: "06:00"}
limits: {source: 2, target: 4}
approval: needed
"""

FIELDS = (
    *("name", "version", "description", "contracts", "domains", "tags", "partitions", "priority", "after"),
    *("window", "limits", "approval", "timezone", "days", "opens", "closes", "from", "to", "changed_since"),
    *("source", "target", "nonsense", ""),
)
SCALARS: tuple[Any, ...] = (
    *("first", "", "x" * 200, "Europe/Berlin", "../../etc/passwd", "/", "\x00", "\ud800", "a\x7fb", "\u2028"),
    *(
        "first\n",
        "06:00\n",
        "mon\n",
        "2026-01-31T22:00:00Z\n",
        "UTC\n",
        "2026-01-31T22:00:00Z",
        "2026-01-31",
        "9999-99-99T99:99",
        "24:00",
        "06:00",
        "mon",
        "all",
        "needed",
    ),
    *(None, True, False, 0, 1, -1, 10**30, 0.5, -0.0, 1e300, 1e-300),
)
PIECES = (
    *(b"&a ", b"*a", b"!!python/object:os.system ", b"---\n", b"...\n", b"<<: *a\n", b"? [a]\n: b\n"),
    *(b"\t", b"\r", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"%YAML 1.1\n", b"|\n", b">-\n", b"'", b'"'),
    *(
        b"[" * 60,
        b"{a: " * 60,
        b"- " * 60,
        b"1" * 5_000,
        b".inf",
        b"0x1F",
        b"1_000",
        b"2019-01-01",
        b"\xf0\x9f\x98\x80",
    ),
)


@pytest.fixture
def chance() -> random.Random:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    return random.Random(seed)


def judge(text: bytes) -> bool:
    """Whether it is a wave; nothing but WaveRefused may be raised, and its words must be sendable."""
    try:
        wave = parsed(text, "wave.yaml")
    except WaveRefused as refused:
        return not str(refused).encode()
    assert wave == parsed(text, "wave.yaml")
    assert not {"/", "\n"} & set(wave.name)
    assert not wave.name.startswith(".")
    judged([Document("wave.yaml", text, "wave.yaml", "")], {})
    with pytest.raises(WaveRefused):
        alone(Document("wave.yaml", text, "wave.yaml", ""), {})
    return True


def anything(chance: random.Random, depth: int = 0) -> Any:
    kind = chance.random()
    if kind < 0.25 and depth < 4:
        return {chance.choice(FIELDS): anything(chance, depth + 1) for _ in range(chance.randrange(4))}
    if kind < 0.5 and depth < 4:
        return [anything(chance, depth + 1) for _ in range(chance.randrange(4))]
    return chance.choice(SCALARS)


def test_the_whole_document_is_a_wave() -> None:
    assert judge(WHOLE)


def test_random_bytes_are_no_wave(chance: random.Random) -> None:
    for _ in range(300):
        judge(chance.randbytes(chance.randrange(200)))
        judge(b"".join(chance.choices(PIECES, k=chance.randrange(8))))


def test_a_wave_with_bytes_changed_is_a_wave_or_refused(chance: random.Random) -> None:
    waves = 0
    for _ in range(800):
        text = bytearray(WHOLE)
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(text))
            match chance.randrange(4):
                case 0:
                    text[at] = chance.randrange(256)
                case 1:
                    del text[at : at + chance.randrange(30)]
                case 2:
                    text[at:at] = chance.choice(PIECES)
                case _:
                    text[at:at] = text[chance.randrange(len(text)) :][: chance.randrange(60)]
        waves += judge(bytes(text))
    print(f"{waves} of 800 were waves")


def test_fields_with_any_value_are_a_wave_or_refused(chance: random.Random) -> None:
    for _ in range(600):
        said = {"name": "first", "contracts": ["customers"], chance.choice(FIELDS): anything(chance)}
        for _ in range(chance.randrange(3)):
            said[chance.choice(FIELDS)] = anything(chance)
        judge(json.dumps(said).encode())
        judge(wave_text(json.dumps(said, ensure_ascii=chance.random() < 0.5)))


@pytest.mark.parametrize(
    "text",
    [
        b"a: &a [x]\n"
        + b"".join(
            b"%c: &%c [%s]\n" % (98 + n, 98 + n, b", ".join([b"*%c" % (97 + n)] * 9)) for n in range(20)
        ),
        b"name: " + b"9" * 100_000,
        b"version: 1e999999999\nname: a\ncontracts: [b]",
        b"name: a\ncontracts: [" + b"b," * 50_000 + b"]",
        b"{" * 100_000,
        b"- " * 100_000,
        b"name: a\nwindow: {timezone: ../../../../etc/hostname}\ncontracts: [b]",
        b'name: a\nwindow: {timezone: "\\0"}\ncontracts: [b]',
        b"name: a\nwindow: {timezone: America}\ncontracts: [b]",
        b'name: "a\\n"\ncontracts: [b]',
        b'name: a\ncontracts: [b]\nwindow: {timezone: UTC, opens: "22:00\\n"}',
        b"name: a\nversion: 9999999999999999999\ncontracts: [b]",
    ],
)
def test_a_trap_is_refused(text: bytes) -> None:
    assert not judge(text)
