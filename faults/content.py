"""Random rows with values that have broken migrations before, each with a word that must never leak."""

import json
import string
from collections.abc import Callable, Sequence
from random import Random
from typing import Any
from uuid import UUID

from faults.subjects import UNSTEADY, Subject

#: stands in values of every row; nowhere but in the data's own places may it be found
CANARY = "CANARY-of-a-row"
ORPHAN = 10_000_000

_TEXTS = (
    *(
        "",
        " ",
        "\\N",
        "\\.",
        "\\",
        "\\\\",
        "a\tb",
        "a\nb",
        "a\r\nb",
        "\b\f\v",
        "'",
        '"',
        "''",
        '"";',
        "NULL",
        "null",
    ),
    *(
        "{}",
        "{a,b}",
        "%s",
        "%",
        "$$",
        "--",
        "; DROP TABLE new.people; --",
        "\u00e9",
        "e\u0301",
        "\u00df",
        "\u0131\u0130",
    ),
    *(
        "\U0001f600",
        "\u202eabc",
        "\ufeff",
        "\u2028",
        "\uffff",
        "\x7f",
        "\x01",
        "0",
        "-0",
        "1e5",
        "  x",
        "x" * 3000,
    ),
)
_NUMBERS = (
    *(
        "0",
        "-0",
        "0.00",
        "1e-30",
        "NaN",
        "Infinity",
        "-Infinity",
        "123456789012345678901234567890.1234567890",
    ),
    *("-1", "0.1", "1e40", "9" * 60),
)
_FLOATS = ("0", "-0", "NaN", "Infinity", "-Infinity", "5e-324", "1.7976931348623157e308", "0.1", "1e-7", "3")
_MOMENTS = (
    *(
        "infinity",
        "-infinity",
        "4713-01-01 00:00:00+00 BC",
        "0044-03-15 12:00:00+00 BC",
        "294276-12-31 23:59:59.999999+00",
    ),
    *("1970-01-01 00:00:00+00", "2024-02-29 23:59:59.999999+00", "1900-01-01 00:00:00.000001+00"),
)
_DAYS = (
    "infinity",
    "-infinity",
    "0001-01-01 BC",
    "4713-11-24 BC",
    "5874897-12-31",
    "2024-02-29",
    "1582-10-10",
)
_SPANS = ("0", "1 year -2 mons 3 days -04:05:06.789", "-178000000 years", "1 microsecond", "P1Y2M3DT4H5M6S")


def text(rng: Random) -> str | None:
    """Any text or none; most have the word in them."""
    if rng.random() < 0.05:
        return None
    if rng.random() < 0.4:
        return rng.choice(_TEXTS)
    return f"{CANARY}-{''.join(rng.choices(string.ascii_letters + _SIGNS, k=rng.randrange(20)))}"


_SIGNS = "\\\t\n'\"|,;{}()%$ \u00e4\u4e2d"


def secret(rng: Random) -> str:
    return f"{CANARY}-{rng.randbytes(8).hex()}"


def _raw(rng: Random) -> bytes | None:
    return None if rng.random() < 0.1 else rng.randbytes(rng.randrange(60))


def _document(rng: Random) -> str | None:
    if rng.random() < 0.1:
        return None
    word = (text(rng) or "").replace("\x00", "")
    return json.dumps({"a": [1, 2.50, None, word], "\\": '"', "big": 10**25})


def _tags(rng: Random) -> list[str | None] | None:
    return None if rng.random() < 0.2 else [text(rng) for _ in range(rng.randrange(4))]


def _moment(rng: Random) -> str | None:
    if rng.random() < 0.6:
        day = f"20{rng.randrange(10, 30)}-0{rng.randrange(1, 10)}-1{rng.randrange(10)}"
        return f"{day} 0{rng.randrange(10)}:00:00.{rng.randrange(1000000):06d}+00"
    return rng.choice((*_MOMENTS, None))


def person(rng: Random, number: int) -> tuple[Any, ...]:
    bad = number % UNSTEADY == 0 and rng.random() < 0.4
    day = f"{rng.randrange(1900, 2026)}{rng.randrange(1, 13):02d}{rng.randrange(1, 29):02d}"
    return (
        number,
        f"{CANARY} {rng.choice(_TEXTS)[:40]}{rng.randrange(10**6)}{' ' * rng.randrange(5)}",
        "garbage!" if bad else day,
        rng.randrange(-(10**11), 10**11),
        rng.choice("YN"),
        text(rng),
        _moment(rng),
        _raw(rng),
        secret(rng),
    )


def visit(rng: Random, number: int, place: str, people: Sequence[int]) -> tuple[Any, ...]:
    who: int | None = rng.choice(people)
    if rng.random() < 0.02:
        who = ORPHAN + rng.randrange(1000)
    elif rng.random() < 0.1:
        who = None
    return number, who, place, text(rng), rng.choice(_NUMBERS)


def reading(rng: Random, number: int) -> tuple[Any, ...]:
    return (
        number,
        text(rng),
        rng.choice((*_NUMBERS, None)),
        rng.choice((*_FLOATS, None)),
        _moment(rng),
        rng.choice((*_DAYS, None)),
        _raw(rng),
        _document(rng),
        _tags(rng),
        str(UUID(bytes=rng.randbytes(16))),
        rng.choice((*_SPANS, None)),
        secret(rng),
    )


def lot(rng: Random, number: int) -> tuple[Any, ...]:
    return number, text(rng), secret(rng)


def stocked(rng: Random, number: int) -> tuple[Any, ...]:
    label = text(rng)
    return (
        number,
        None if label is None else label[:200],
        rng.choice((None, 0, -1, "0.001", "-999999999.999", rng.randrange(10**8))),
        rng.choice(
            (None, "2024-02-29 23:59:59.999999", "1000-01-01 00:00:00.000000", "9999-12-31 23:59:59.999999")
        ),
        _raw(rng),
        secret(rng),
    )


_ROW: dict[str, Callable[[Random, int], tuple[Any, ...]]] = {
    "people": person,
    "readings": reading,
    "lots": lot,
    "stock": stocked,
}
#: of each partition: the numbers that its rows may have
_SPAN = {"people": 200, "readings": 300, "lots": 150, "stock": 300}
#: visits of a place have numbers of their own to begin with, but may move
VISITORS = [number for number in range(1, 600) if number % UNSTEADY]


def rows(rng: Random, subject: Subject, partition: str) -> list[tuple[Any, ...]]:
    """New rows for the whole partition, for the source's columns in their order."""
    if subject.contract == "visits":
        first = 1 + 1000 * list(subject.partitions).index(partition)
        numbers = rng.sample(range(first, first + 300), rng.randrange(100, 250))
        return [visit(rng, number, partition, VISITORS) for number in numbers]
    at = subject.bounds[int(partition) - 1]
    span = range(at, at + _SPAN[subject.contract])
    if subject.contract == "people":
        numbers = [number for number in span if number % UNSTEADY or rng.random() < 0.6]
    else:
        numbers = rng.sample(span, rng.choice((0, 1, *([rng.randrange(50, len(span))] * 8))))
    return [_ROW[subject.contract](rng, number) for number in numbers]
