"""The truth table of what becomes of a wave that was sent."""

import pytest

from migration_assets.waves.messages.deciding import Drop, Look, Refuse, Shelf, Standing, Write, decide, shelf
from migration_assets.waves.model import Wave
from migration_assets.waves.places.base import Document

THERE = Shelf({"crm": Standing(3, "same", "shop.yaml", "t1")}, frozenset({"notes.yaml"}))


def sent(version: int, digest: str = "same", name: str = "crm") -> Wave:
    return Wave(name, version, digest=digest)


@pytest.mark.parametrize(
    ("wave", "there", "decision"),
    [
        (sent(1), Shelf(), Write("crm.yaml", None)),
        (sent(1, name="new"), THERE, Write("new.yaml", None)),
        (sent(4), THERE, Write("shop.yaml", "t1")),
        (sent(4, "other"), THERE, Write("shop.yaml", "t1")),
        (sent(4), THERE.written(sent(3), "shop.yaml"), Look()),
        (sent(3), THERE, Drop()),
        (sent(3), THERE.written(sent(3), "shop.yaml"), Drop()),
        (sent(2), THERE, Drop()),
        (sent(2, "other"), THERE, Drop()),
    ],
)
def test_what_becomes_of_a_wave(wave: Wave, there: Shelf, decision: object) -> None:
    assert decide(wave, there) == decision


@pytest.mark.parametrize(
    ("wave", "reason"),
    [
        (sent(3, "other"), "Version 3 of the wave crm is there with other content. Send it as version 4."),
        (sent(1, name="notes"), "the file notes.yaml, and that holds something else"),
        (sent(1, name="shop"), "the file shop.yaml, and that holds something else"),
    ],
)
def test_what_cannot_be_written_has_its_reason(wave: Wave, reason: str) -> None:
    decision = decide(wave, THERE)

    assert isinstance(decision, Refuse)
    assert reason in decision.reason


def test_of_two_files_with_one_wave_the_newer_version_counts_and_others_only_have_names() -> None:
    found = shelf(
        [
            Document("a.yaml", b"{name: crm, version: 2, contracts: [customers]}", "a", "t1"),
            Document("b.yaml", b"{name: crm, version: 1, contracts: [customers]}", "b", "t2"),
            Document("c.yaml", b"{", "c", "t3"),
            Document("d.yml", b"{name: old, contracts: [customers]}", "d", "t4"),
        ]
    )

    assert {name: (each.version, each.file, each.token) for name, each in found.waves.items()} == {
        "crm": (2, "a.yaml", "t1")
    }
    assert found.others == {"b.yaml", "c.yaml", "d.yml"}
