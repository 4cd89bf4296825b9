"""Lines marked by the server, against the lines that the server escapes itself: row for row the same."""

import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from migration_assets.tables.sources import mysql, mysql_bounds, mysql_lines
from migration_assets.tables.sources.base import Reading
from migration_assets_tests.tables.sources.homes import Home, reading

#: modes that let anything in
LAX = "SET sql_mode = 'ALLOW_INVALID_DATES'"

SIGNS = [
    "",
    "a",
    "\\",
    "\\N",
    "\\!",
    "\t",
    "\n",
    "\r",
    "\b",
    "\f",
    "\v",
    "\x01",
    "\x7f",
    "é",
    "中",
    "x" * 300,
]


def any_text(signs: Sequence[str]) -> str:
    return "".join(random.choices(signs, k=random.randrange(6)))


def any_bytes() -> bytes:
    return bytes(random.choices(b"\x00\x09\x0a\x5c\xf8\xf9\xfa\xfb\xfc\xfd\xffabc", k=random.randrange(9)))


def any_moment() -> str:
    year, month, day = random.choice([0, 1, 1999, 2020, 9999]), random.randrange(13), random.randrange(32)
    clock = random.choice(["00:00:00", "23:59:59.999999", "01:02:03.1", "00:00:00.000001"])
    return f"{year:04d}-{month:02d}-{day:02d} {clock}"


def any_real() -> float:
    return random.choice(
        [0.0, -1.5, 0.1, 1e15, 1e-7, random.uniform(-1, 1) * 10.0 ** random.randrange(-30, 30)]
    )


#: declared types, and what makes a value of them
TYPES: list[tuple[str, Callable[[], Any]]] = [
    ("tinyint", lambda: random.randint(-128, 127)),
    ("bigint unsigned", lambda: random.choice([0, 2**64 - 1, random.randrange(2**64)])),
    ("bigint unsigned zerofill", lambda: random.choice([0, 2**64 - 1, 7])),
    ("decimal(20,5)", lambda: f"{random.randrange(-(10**20), 10**20)}e-5"),
    ("decimal(30,0)", lambda: random.randrange(-(10**30) + 1, 10**30)),
    ("decimal(8,2) zerofill", lambda: f"{random.randrange(10**8)}e-2"),
    ("float", any_real),
    ("float(7,2)", lambda: random.uniform(-99999, 99999)),
    ("double", any_real),
    ("bit(1)", lambda: random.randrange(2)),
    ("bit(64)", lambda: random.randrange(2**64)),
    ("year", lambda: random.choice([0, 1901, 2020, 2155])),
    ("date", any_moment),
    ("datetime", any_moment),
    ("datetime(6)", any_moment),
    ("datetime(1)", any_moment),
    ("timestamp NULL", lambda: random.choice(["0000-00-00 00:00:00", "2020-02-29 01:02:03"])),
    ("timestamp(3) NULL", lambda: random.choice(["0000-00-00 00:00:00", "2020-02-29 01:02:03.120"])),
    ("time(6)", lambda: random.choice(["-838:59:59", "838:59:59", "00:00:00.1", "25:00:00"])),
    ("char(30) character set latin1", lambda: any_text(["a", "é", "€", "\t", "\\", "\0"])),
    ("varchar(40) character set gbk", lambda: any_text(["a", "中", "文", "\\", "\n"])),
    ("varchar(40) character set utf16", lambda: any_text(["a", "é", "🐘", "\n", "\0"])),
    ("varchar(2000)", lambda: any_text([*SIGNS, "🐘"])),
    ("varchar(2000) character set utf8mb3", lambda: any_text([*SIGNS, "\0"])),
    ("text", lambda: any_text([*SIGNS, "🐘", "y" * 20_000])),
    ("enum('a','','é','\\\\')", lambda: random.choice(["a", "", "é", "\\"])),
    ("set('a','b')", lambda: random.choice(["", "a", "b", "a,b"])),
    ("varbinary(20)", any_bytes),
    ("binary(9)", any_bytes),
    ("blob", any_bytes),
]


def both_ways(home: Home, *, zero_dates_as_null: bool = False) -> tuple[list[bytes], list[bytes]]:
    """The sorted lines of the table `t` as they are read, and as the server itself writes them."""
    with home.source.snapshot(home.server, home.reading) as snapshot:
        asked = reading(home, snapshot, "t", zero_dates_as_null=zero_dates_as_null)
        read = b"".join(mysql.read(snapshot, asked))
        return sorted(read.split(b"\n")), sorted(by_the_server(snapshot, asked).split(b"\n"))


def by_the_server(snapshot: Any, asked: Reading) -> bytes:
    parts, kinds = mysql_lines.selected(asked, mariadb=snapshot.is_mariadb)
    with snapshot.streamed(f"SELECT {', '.join(parts)} {mysql_bounds.rows(asked)}") as rows:
        written = b"".join(mysql_lines.lines(rows, kinds))
    return b"\n".join(
        b"\t".join(field if is_utf8(field) else b"\\!invalid text" for field in line.split(b"\t"))
        for line in written.split(b"\n")
    )


def is_utf8(field: bytes) -> bool:
    return field.decode("utf-8", "replace").encode() == field


@pytest.mark.parametrize("present", [1.0, 0.7])
def test_rows_of_all_types_are_the_same_as_the_server_writes_them(mysql: Home, present: float) -> None:
    random.seed(seed := random.randrange(10**9))
    print(f"seed {seed}")
    required = " NOT NULL" if present == 1.0 else ""
    columns = [f"c{place} {kind.removesuffix(' NULL')}" for place, (kind, _) in enumerate(TYPES)]
    ends = [" NULL" if kind.endswith(" NULL") and not required else required for kind, _ in TYPES]
    defaults = [" DEFAULT 0" if "timestamp" in kind and required else "" for kind, _ in TYPES]
    declared = ", ".join(a + b + c for a, b, c in zip(columns, ends, defaults, strict=True))
    mysql.run(f"CREATE TABLE t ({declared})")
    rows = [
        [make() if random.random() < present else None for _, make in TYPES]
        for _ in range(random.choice([1, 50, 1500]))
    ]
    with mysql.writer() as connection, connection.cursor() as cursor:
        cursor.execute(LAX)
        cursor.executemany(f"INSERT INTO t VALUES ({', '.join(['%s'] * len(TYPES))})", rows)
    for zero_dates_as_null in (False, True):
        read, written = both_ways(mysql, zero_dates_as_null=zero_dates_as_null)
        assert len(read) == len(rows) + 1
        assert read == written


def test_values_that_look_like_marks_are_misfits_and_their_rows_are_not_lost(mysql: Home) -> None:
    random.seed(seed := random.randrange(10**9))
    print(f"seed {seed}")
    folder = Path(mysql.ask("SELECT @@datadir")[0][0]) / mysql.ask("SELECT database()")[0][0]
    if not folder.is_dir():
        pytest.skip("the server's files are not here, and no statement lets such bytes in")
    mysql.run(
        "CREATE TABLE t (n integer, v varchar(20), w text, x varchar(20) NOT NULL) ENGINE=MyISAM",
        "CREATE TABLE raw (n integer, v varbinary(80), w blob, x varbinary(80) NOT NULL) ENGINE=MyISAM",
    )

    def any_value() -> bytes:
        marks = [b"\xf9", b"\xfa", b"\xfb", b"\xfa\xfb", b"\xfcN", b"\xfc", b"\xf8", b"\xff", b"\x80"]
        return b"".join(random.choices([*marks, b"a", b"\n", b"\0"], k=random.randrange(1, 5)))

    rows: list[list[object]] = [
        [n, *(any_value() if random.random() < 0.1 else b"fine" for _ in range(3))] for n in range(1500)
    ]
    mysql.insert("raw", [*rows, [None, None, None, b""]])
    mysql.run("FLUSH TABLES")
    for ending in ("MYD", "MYI"):
        (folder / f"t.{ending}").write_bytes((folder / f"raw.{ending}").read_bytes())
    mysql.run("FLUSH TABLES")
    read, written = both_ways(mysql)
    assert len(read) == 1502
    assert read == written


def test_rows_of_any_width_are_the_same_as_the_server_writes_them(mysql: Home) -> None:
    random.seed(seed := random.randrange(10**9))
    print(f"seed {seed}")
    mysql.run(f"CREATE TABLE t (n integer PRIMARY KEY, {', '.join(f'v{place} text' for place in range(12))})")
    widths = [0, 10, 250, 5000, 5400, 60_000]
    rows: list[list[object]] = []
    for n in range(300):
        width = random.choice(widths if n % 50 == 0 else widths[:3])
        rows.append([n, *(random.choice(["y", "é", "\\"]) * (width // 2) for _ in range(12))])
    mysql.insert("t", rows)
    read, written = both_ways(mysql)
    assert len(read) == 301
    assert read == written
