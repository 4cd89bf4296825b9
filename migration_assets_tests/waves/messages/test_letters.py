import random

import pytest

from migration_assets.waves.messages.letters import Letter, letters


def size(letter: Letter) -> int:
    """As SQS counts: names, types and values of attributes belong to the message."""
    told = sum(len(f"{name}String{value}".encode()) for name, value in letter.attributes)
    return len(letter.body.encode()) + told


def test_a_letter_has_the_body_as_it_came_and_the_reason() -> None:
    (letter,) = letters("name: [", "m1", "it is not YAML", 1_000)

    assert letter == Letter("name: [", (("reason", "it is not YAML"), ("message_id", "m1")))


@pytest.mark.parametrize("limit", [1_024, 262_144, 1_048_576])
def test_a_message_as_large_as_a_queue_takes_still_gets_its_reason(limit: int) -> None:
    for character in ("a", "é", "\U0001f600"):
        body = character * (limit // len(character.encode()))
        found = list(letters(body, "m1", "too large " * 10_000, limit))

        assert "".join(letter.body for letter in found) == body
        assert all(size(letter) <= limit for letter in found)
        assert all(dict(letter.attributes)["reason"].startswith("too large") for letter in found)
        parts = [dict(letter.attributes)["part"] for letter in found]
        assert parts == [f"{number}/{len(found)}" for number in range(1, len(found) + 1)]


def test_a_reason_shows_no_password_and_nothing_that_cannot_be_sent() -> None:
    reason = "`postgresql://ada:secret@host/db` and \x00\x1b\ufffe\ud800 are none"
    (letter,) = letters("x", "m1", reason, 10_000)

    assert (
        dict(letter.attributes)["reason"]
        == "`postgresql://***@host/db` and \ufffd\ufffd\ufffd\ufffd are none"
    )


def test_an_empty_reason_is_none_that_could_be_sent() -> None:
    (letter,) = letters("x", "m1", "", 10_000)

    assert dict(letter.attributes)["reason"]


def test_any_reason_fits() -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    for _ in range(300):
        limit = chance.randrange(1_024, 5_000)
        body = "".join(chance.choices("aé\U0001f600\n", k=chance.randrange(1, 6_000)))
        reason = "".join(chance.choices("bß\U0001f600\x00", k=chance.randrange(6_000)))
        found = list(letters(body, "m" * 36, reason, limit))

        assert "".join(letter.body for letter in found) == body
        assert all(size(letter) <= limit for letter in found)
