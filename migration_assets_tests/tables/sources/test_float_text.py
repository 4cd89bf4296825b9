"""The text of doubles against the real PostgreSQL."""

import math
import random
import struct
from collections.abc import Callable

import psycopg2

from migration_assets.tables.sources.float_text import float_text


def doubles() -> list[float]:
    random.seed(seed := random.randrange(10**9))
    print(f"seed {seed}")
    found = [struct.unpack("d", random.randbytes(8))[0] for _ in range(20_000)]
    found += [math.ldexp(odd, power) for odd in (1, 3, 5) for power in range(-1074, 1000)]
    found += [float(f"{digit}e{power}") for digit in (1, 2, 5, 9) for power in range(-324, 309)]
    # numbers whose shortest text is half way between two doubles
    halves = [float((5**five * odd) << two) for five in range(24) for two in range(60) for odd in (1, 3, 7)]
    found += [neighbour for half in halves for neighbour in (half, math.nextafter(half, math.inf))]
    found += [round(random.uniform(0, 1e6), 2) for _ in range(5000)]
    return [double for double in (*found, 0.0, -0.0, math.inf, -math.inf) if not math.isnan(double)]


def test_doubles_print_as_postgres_prints_them(new_database: Callable[[str], str]) -> None:
    values = doubles()
    with psycopg2.connect(new_database("floats")) as connection, connection.cursor() as cursor:
        cursor.execute("SET extra_float_digits = 1")
        cursor.execute("SELECT unnest(%s::float8[])::text", ([repr(value) for value in values],))
        printed = [text for (text,) in cursor.fetchall()]
    assert [float_text(value) for value in values] == printed
    assert float_text(math.nan) == "NaN"
