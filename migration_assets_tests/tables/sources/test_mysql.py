"""What MySQL's and MariaDB's types hold, as the text that PostgreSQL prints; proven by PostgreSQL itself."""

import io
import ipaddress
import random
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import psycopg2
import pymysql
import pytest

from migration_assets.contracts.model import Server, TableName
from migration_assets.errors import ConnectionRefused, MappingFault
from migration_assets.planning.partitions import OneOf, Outside, Range
from migration_assets.tables.sources import mysql as source
from migration_assets_tests import mariadb
from migration_assets_tests.tables.sources.homes import Home, read, reading

#: modes that let anything in
LAX = "SET sql_mode = 'ALLOW_INVALID_DATES'"

#: declared type, the type that it carries, and values as SQL with the field that each becomes
TYPES: list[tuple[str, str | None, list[tuple[str, str]]]] = [
    ("tinyint", "smallint", [("-128", "-128"), ("127", "127"), ("NULL", "\\N")]),
    ("tinyint(1)", "smallint", [("0", "0"), ("1", "1"), ("2", "2"), ("-1", "-1")]),
    ("tinyint unsigned", "smallint", [("255", "255")]),
    ("smallint", "smallint", [("-32768", "-32768")]),
    ("smallint unsigned", "integer", [("65535", "65535")]),
    ("mediumint", "integer", [("-8388608", "-8388608")]),
    ("mediumint unsigned", "integer", [("16777215", "16777215")]),
    ("int", "integer", [("-2147483648", "-2147483648"), ("0", "0")]),
    ("int unsigned", "bigint", [("4294967295", "4294967295")]),
    ("int(8) zerofill", "bigint", [("7", "7"), ("0", "0")]),
    ("bigint", "bigint", [("-9223372036854775808", "-9223372036854775808")]),
    ("bigint unsigned", "numeric(20,0)", [("18446744073709551615", "18446744073709551615")]),
    ("bigint(20) unsigned zerofill", "numeric(20,0)", [("18446744073709551615", "18446744073709551615")]),
    ("decimal(10,0)", "numeric(10,0)", [("12", "12"), ("-0.4", "0")]),
    ("decimal(8,2)", "numeric(8,2)", [("1.5", "1.50"), ("-0.001", "0.00"), ("-999999.99", "-999999.99")]),
    ("decimal(8,2) zerofill", "numeric(8,2)", [("1.5", "1.50")]),
    ("decimal(5,5)", "numeric(5,5)", [("0.00001", "0.00001"), ("-0.5", "-0.50000")]),
    (
        "decimal(65,30)",
        "numeric(65,30)",
        [
            (
                "'-12345678901234567890123456789012345.123456789012345678901234567890'",
                "-12345678901234567890123456789012345.123456789012345678901234567890",
            )
        ],
    ),
    ("float", None, [("0.1", "0.10000000149011612"), ("16777216", "16777216")]),
    ("float(7,2)", None, [("1.1", "1.10"), ("12345.678", "12345.68")]),
    (
        "double",
        None,
        [("0.1", "0.1"), ("1e23", "1e23"), ("-1.7976931348623157e308", "-1.7976931348623157e308")],
    ),
    ("double(10,3)", None, [("1.5", "1.500")]),
    ("bit(1)", "bit(1)", [("0", "0"), ("1", "1")]),
    ("bit(8)", "bit(8)", [("5", "00000101")]),
    ("bit(64)", "bit(64)", [("18446744073709551615", "1" * 64), ("0", "0" * 64)]),
    ("year", "smallint", [("2020", "2020"), ("1901", "1901"), ("0", "0")]),
    (
        "date",
        "date",
        [("'2020-02-29'", "2020-02-29"), ("'9999-12-31'", "9999-12-31"), ("'0001-01-01'", "0001-01-01")],
    ),
    (
        "date",
        None,
        [
            ("'0000-00-00'", "\\!zero date"),
            ("'2020-00-00'", "\\!zero date"),
            ("'2020-01-00'", "\\!zero date"),
            ("'0000-01-01'", "\\!zero date"),
            ("'2021-02-29'", "\\!no such date"),
            ("NULL", "\\N"),
        ],
    ),
    ("datetime", "timestamp(0) without time zone", [("'2020-01-01 00:00:00'", "2020-01-01 00:00:00")]),
    (
        "datetime(6)",
        "timestamp(6) without time zone",
        [
            ("'2020-01-01 10:20:30.123456'", "2020-01-01 10:20:30.123456"),
            ("'2020-01-01 10:20:30.100'", "2020-01-01 10:20:30.1"),
            ("'2020-01-01 10:20:00'", "2020-01-01 10:20:00"),
            ("'9999-12-31 23:59:59.999999'", "9999-12-31 23:59:59.999999"),
            ("NULL", "\\N"),
        ],
    ),
    (
        "datetime(3)",
        None,
        [("'0000-00-00 00:00:00'", "\\!zero date"), ("'2020-02-30 01:02:03'", "\\!no such date")],
    ),
    (
        "timestamp(2) NULL",
        "timestamp(2) with time zone",
        [("'2038-01-19 03:14:07.5'", "2038-01-19 03:14:07.5+00"), ("NULL", "\\N")],
    ),
    ("timestamp NULL", None, [("'0000-00-00 00:00:00'", "\\!zero date")]),
    (
        "time(6)",
        None,
        [
            ("'-838:59:59'", "-838:59:59.000000"),
            ("'100:00:00'", "100:00:00.000000"),
            ("'00:00:01.5'", "00:00:01.500000"),
        ],
    ),
    ("char(5)", "character varying(5)", [("'a'", "a"), ("''", ""), ("' b'", " b"), ("'ü🐘'", "ü🐘")]),
    (
        "varchar(20)",
        "character varying(20)",
        [("'a  '", "a  "), ("'\\\\N'", "\\\\N"), ("'x\\ty\\nz\\\\'", "x\\ty\\nz\\\\")],
    ),
    ("varchar(20)", None, [("'a\\0b'", "\\!NUL character"), ("'\\0'", "\\!NUL character")]),
    ("varchar(20) character set latin1", "character varying(20)", [("'é€'", "é€"), ("x'80'", "€")]),
    ("varchar(20) character set utf8mb3", "character varying(20)", [("'é€'", "é€")]),
    ("varchar(20) character set utf16", "character varying(20)", [("'é🐘'", "é🐘")]),
    ("varchar(20) character set gbk", "character varying(20)", [("'中文'", "中文")]),
    ("varchar(20) character set sjis", "character varying(20)", [("'日本'", "日本")]),
    ("char(20) character set ascii", "character varying(20)", [("'abc'", "abc")]),
    ("tinytext", "text", [("'x'", "x"), ("''", ""), ("NULL", "\\N")]),
    ("text", "text", [("'x\\ty'", "x\\ty"), ("''", ""), ("NULL", "\\N")]),
    ("text", None, [("'a\\0'", "\\!NUL character")]),
    ("mediumtext character set latin1", "text", [("'é€'", "é€"), ("''", ""), ("NULL", "\\N")]),
    ("longtext", "text", [("'🐘'", "🐘"), ("NULL", "\\N")]),
    ("enum('a','b c','')", "text", [("'a'", "a"), ("'b c'", "b c"), ("0", ""), ("NULL", "\\N")]),
    ("enum('é','it''s') character set latin1", "text", [("'é'", "é"), ("2", "it's")]),
    ("set('x','y','z')", "text", [("'x,z'", "x,z"), ("''", ""), ("7", "x,y,z")]),
    ("binary(4)", "bytea", [("'ab'", "\\\\x61620000"), ("NULL", "\\N")]),
    ("varbinary(20)", "bytea", [("x'00ff5c'", "\\\\x00ff5c"), ("''", "\\\\x")]),
    ("tinyblob", "bytea", [("x'00'", "\\\\x00")]),
    ("blob", "bytea", [("x'00ff5c09'", "\\\\x00ff5c09"), ("''", "\\\\x"), ("NULL", "\\N")]),
    ("longblob", "bytea", [("x'80'", "\\\\x80")]),
    (
        "json",
        # MariaDB's is a text, and its idea of JSON is wider than PostgreSQL's
        "text",
        [
            ('\'{"a": [1, 2.50, "x\\\\\\\\n"]}\'', '{"a": [1, 2.50, "x\\\\\\\\n"]}'),
            ("'null'", "null"),
            ("NULL", "\\N"),
        ],
    ),
    ("uuid", "uuid", [("'6CCD780C-BABA-1026-9564-5B8C656024DB'", "6ccd780c-baba-1026-9564-5b8c656024db")]),
    ("inet4", "inet", [("'1.2.3.4'", "1.2.3.4"), ("'0.0.0.0'", "0.0.0.0")]),
    (
        "inet6",
        "inet",
        [("'2001:DB8::1'", "2001:db8::1"), ("'::ffff:1.2.3.4'", "::ffff:1.2.3.4"), ("'::'", "::")],
    ),
    (
        "point",
        "bytea",
        [
            ("ST_GeomFromText('POINT(1 2)')", "\\\\x0101000000000000000000f03f0000000000000040"),
            (
                "ST_GeomFromText('POINT(1 2)', 4326)",
                "\\\\x0101000020e6100000000000000000f03f0000000000000040",
            ),
            ("NULL", "\\N"),
        ],
    ),
]


def server_knows(url: str, declared: str) -> bool:
    name = declared.split("(")[0].split(" ")[0]
    try:
        mariadb.run(url, f"CREATE TABLE known (v {declared})", "DROP TABLE known")
    except pymysql.Error:
        return name not in ("uuid", "inet4", "inet6")
    return True


def printed_by_postgres(url: str, declared: str, fields: list[str]) -> list[str]:
    """What PostgreSQL itself prints for the fields, as values of the type."""
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("SET timezone = 'UTC'")
        cursor.execute("DROP TABLE IF EXISTS proof")
        cursor.execute(f"CREATE TABLE proof (n serial, v {declared})")
        cursor.copy_expert(
            "COPY proof (v) FROM STDIN", io.StringIO("".join(f"{field}\n" for field in fields))
        )
        out = io.StringIO()
        cursor.copy_expert("COPY (SELECT v FROM proof ORDER BY n) TO STDOUT", out)
    return out.getvalue().split("\n")[:-1]


def fields_of(home: Home, table: str = "t", **more: object) -> list[str]:
    """The fields of the column `v` as they left the source, by the key `n`."""
    with home.source.snapshot(home.server, home.reading) as snapshot:
        lines = b"".join(home.source.read(snapshot, reading(home, snapshot, table, **more))).decode()
    pairs = [line.split("\t") for line in lines.split("\n")[:-1]]
    return [field for _, field in sorted(pairs, key=lambda pair: int(pair[0]))]


def insert(home: Home, declared: str, values: list[str]) -> None:
    """A table `t` of numbered values, written without any of the checks that can be left out."""
    home.run(f"CREATE TABLE t (n integer, v {declared})")
    with home.writer() as connection, connection.cursor() as cursor:
        cursor.execute(LAX)
        for number, value in enumerate(values):
            cursor.execute(f"INSERT INTO t VALUES ({number}, {value})")


@pytest.mark.parametrize(
    ("declared", "carries", "values"), TYPES, ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_type_leaves_as_postgres_prints_it(
    mysql: Home,
    new_database: Callable[[str], str],
    declared: str,
    carries: str | None,
    values: list[tuple[str, str]],
) -> None:
    if not server_knows(mysql.writing, declared):
        pytest.skip(f"this server has no {declared}")
    insert(mysql, declared, [value for value, _ in values])
    expected = [field for _, field in values]
    assert fields_of(mysql) == expected
    if carries is not None:
        with source.snapshot(mysql.server, mysql.reading) as snapshot:
            carried = source.describe(snapshot, TableName(None, "t")).columns[1].carries
        assert carried == carries or (declared, carried) == ("json", "json")
        assert printed_by_postgres(new_database("proof"), carries, expected) == expected


def test_random_addresses_and_numbers_leave_as_postgres_prints_them(
    mysql: Home, new_database: Callable[[str], str]
) -> None:
    random.seed(seed := random.randrange(10**9))
    print(f"seed {seed}")
    if not server_knows(mysql.writing, "inet6"):
        pytest.skip("this server has no inet6")
    parts = ["0", "0", "0", "1", "ffff", "a0b", "1234"]
    addresses = [":".join(random.choices(parts, k=8)) for _ in range(500)]
    addresses += [f"::{ipaddress.ip_address(random.randrange(1 << 32))}" for _ in range(50)]
    insert(mysql, "inet6", [f"'{address}'" for address in addresses])
    fields = fields_of(mysql)
    assert printed_by_postgres(new_database("proof"), "inet", fields) == fields


def test_doubles_and_floats_keep_every_bit(mysql: Home, new_database: Callable[[str], str]) -> None:
    random.seed(seed := random.randrange(10**9))
    print(f"seed {seed}")
    doubles = [random.uniform(-1, 1) * 10.0 ** random.randrange(-300, 300) for _ in range(500)]
    doubles += [5e-324, 2.2250738585072014e-308, 1e23, 2.0**53 + 2, 0.0]
    insert(mysql, "double", [repr(double) for double in doubles])
    assert [float(field) for field in fields_of(mysql)] == doubles
    mysql.run("DROP TABLE t")
    insert(
        mysql, "float", [repr(double) for double in (0.1, 1 / 3, 1.17549435e-38, 3.4028235e38, 16777217.0)]
    )
    kept = mysql.ask("SELECT v + 0e0 FROM t ORDER BY n")
    assert [float(field) for field in fields_of(mysql)] == [double for (double,) in kept]
    printed = printed_by_postgres(new_database("proof"), "real", fields_of(mysql))
    assert printed == ["0.1", "0.33333334", "1.1754944e-38", "3.4028235e+38", "1.6777216e+07"]


def test_zero_dates_leave_as_null_where_the_contract_says_so(mysql: Home) -> None:
    insert(mysql, "date NOT NULL", ["'0000-00-00'", "'2020-00-10'", "'2021-02-30'", "'2020-01-01'"])
    assert fields_of(mysql, zero_dates_as_null=True) == ["\\N", "\\N", "\\!no such date", "2020-01-01"]


def test_zero_dates_are_in_the_rest_partition(mysql: Home) -> None:
    insert(mysql, "date", ["'0000-00-00'", "'2020-00-10'", "NULL", "'2020-01-01'", "'2020-02-01'"])
    with source.snapshot(mysql.server, mysql.reading) as snapshot:
        asked = reading(mysql, snapshot, "t", bounded="v")
        assert source.ranges(snapshot, asked, 1) == ("2020-01-01", "2020-02-01")
        assert source.values(snapshot, asked, 9) == ("2020-01-01", "2020-02-01")
    assert len(read(mysql, "t", Range("2020-01-01", None), bounded="v")) == 2
    assert len(read(mysql, "t", Range(None, "2020-02-01"), bounded="v")) == 1
    assert len(read(mysql, "t", Outside(below="2020-01-01"), bounded="v")) == 3
    assert len(read(mysql, "t", Outside(values=("2020-01-01",)), bounded="v")) == 4


@pytest.mark.parametrize(
    ("declared", "values", "expected"),
    [
        ("bigint unsigned", ["3", "18446744073709551615"], (3, 18446744073709551615)),
        ("decimal(30,10)", ["1.5", "12345678901234567890.0000000001"], (Decimal("1.5"), Decimal("12345678901234567890.0000000001"))),
        ("decimal(12,0)", ["5", "7"], (5, 7)),
        ("float", ["0.1", "1000000"], (Decimal("0.10000000149011612"), Decimal(1000000))),
        ("bit(4)", ["1", "9"], ("0001", "1001")),
        ("year", ["2019", "2020"], (2019, 2020)),
        ("timestamp(1)", ["'2020-01-01 00:00:00'", "'2020-01-01 00:00:00.5'"], ("2020-01-01 00:00:00+00", "2020-01-01 00:00:00.5+00")),
        ("binary(2)", ["x'00ff'", "x'6162'"], ("\\x00ff", "\\x6162")),
        ("varchar(9) character set latin1", ["'Z'", "'a'", "'é'"], ("Z", "a", "é")),
        ("enum('z','a')", ["'a'", "'z'"], ("a", "z")),
        ("text", ["'B'", "'a'"], ("B", "a")),
        ("time", ["'-01:00:00'", "'10:00:00'"], ("-01:00:00", "10:00:00")),
    ],
)  # fmt: skip
def test_bounds_of_any_type_part_the_rows(
    mysql: Home, declared: str, values: list[str], expected: tuple[object, ...]
) -> None:
    insert(mysql, declared, [*reversed(values), *values])
    with source.snapshot(mysql.server, mysql.reading) as snapshot:
        asked = reading(mysql, snapshot, "t", bounded="v")
        edges = source.ranges(snapshot, asked, 2)
        assert edges == expected
        assert source.values(snapshot, asked, 9) == expected
    for low, high in zip(edges, [*edges[1:], None], strict=True):
        assert len(read(mysql, "t", Range(low, high), bounded="v")) == 2
        assert len(read(mysql, "t", OneOf((low,)), bounded="v")) == 2
    assert read(mysql, "t", Outside(below=edges[0], values=edges), bounded="v") == []


def test_a_bound_of_another_kind_than_the_column_is_refused(mysql: Home) -> None:
    insert(mysql, "integer", ["1"])
    with pytest.raises(MappingFault, match="numbers"):
        read(mysql, "t", OneOf(("1 OR 1=1",)), bounded="v")


def test_bytes_that_are_no_text_are_misfits(mysql: Home) -> None:
    folder = Path(mysql.ask("SELECT @@datadir")[0][0]) / mysql.ask("SELECT database()")[0][0]
    if not folder.is_dir():
        pytest.skip("the server's files are not here, and no statement lets such bytes in")
    kinds = ["utf8mb4", "utf8mb3", "gbk", "sjis"]
    texts = ", ".join(
        f"v_{kind} varchar(20) character set {kind}, t_{kind} text character set {kind}" for kind in kinds
    )
    sizes = {"utf8mb4": 80, "utf8mb3": 60, "gbk": 40, "sjis": 40}
    raw = ", ".join(f"v_{kind} varbinary({sizes[kind]}), t_{kind} blob" for kind in kinds)
    mysql.run(
        f"CREATE TABLE t (n integer, {texts}) ENGINE=MyISAM",
        f"CREATE TABLE raw (n integer, {raw}) ENGINE=MyISAM",
    )
    mysql.insert("raw", [(1, *[b"A\xff\x01\tB"] * 8), (2, *[b"fine\t"] * 8)])
    mysql.run("FLUSH TABLES")
    for ending in ("MYD", "MYI"):
        (folder / f"t.{ending}").write_bytes((folder / f"raw.{ending}").read_bytes())
    mysql.run("FLUSH TABLES")
    assert sorted(read(mysql, "t")) == [("1", *["\\!invalid text"] * 8), ("2", *["fine\t"] * 8)]


def test_a_row_that_the_server_cannot_build_is_not_lost(mysql: Home) -> None:
    # four bytes of UTF-8 for each of latin1 would be more than a packet of this server
    packet = mysql.ask("SELECT @@max_allowed_packet")[0][0]
    if packet > 1 << 24:
        pytest.skip("the server builds larger rows than a test should")
    insert(mysql, "longtext character set latin1", [f"repeat(_latin1 x'e9', {packet - 10_000})"])
    with pytest.raises(MappingFault, match="max_allowed_packet"):
        fields_of(mysql)


def test_cells_as_large_as_the_server_takes_arrive(mysql: Home) -> None:
    mysql.run("CREATE TABLE t (n integer, b longblob, w longtext)")
    size = 10 << 20
    mysql.run(
        f"INSERT INTO t VALUES (1, repeat(x'61ff', {size // 2}), ''), (2, '', '')",
        f"INSERT INTO t VALUES (3, NULL, repeat('é', {size // 2}))",
    )
    rows = {row[0]: row[1:] for row in read(mysql, "t")}
    assert rows["1"] == ("\\x" + "61ff" * (size // 2), "")
    assert rows["2"] == ("\\x", "")
    assert rows["3"] == (None, "é" * (size // 2))


def test_tables_and_columns_of_any_kind_are_read(mysql: Home) -> None:
    mysql.run(
        "CREATE TABLE t (n integer PRIMARY KEY, g integer AS (n * 2) STORED, v integer AS (n * 3) VIRTUAL, "
        "h varchar(300) INVISIBLE, w varchar(300) NOT NULL DEFAULT (concat('x', n)), "
        "UNIQUE whole (w), UNIQUE part (h(5)), KEY plain (g))",
        "INSERT INTO t (n, h) VALUES (1, 'hidden')",
        "CREATE VIEW seen AS SELECT n, upper(w) AS w FROM t",
    )
    assert read(mysql, "t") == [("1", "2", "3", "hidden", "x1")]
    assert read(mysql, "seen") == [("1", "X1")]
    with source.snapshot(mysql.server, mysql.reading) as snapshot:
        table = source.describe(snapshot, TableName(None, "t"))
    assert (table.primary_key, table.unique) == (("n",), (("w",),))


def test_the_position_is_the_snapshots_place_in_the_log(mysql: Home) -> None:
    with source.snapshot(mysql.server, mysql.reading) as snapshot:
        position = source.position(snapshot)
    if mysql.ask("SELECT @@log_bin")[0][0]:
        assert position.startswith(("binlog ", "gtid "))
    assert position


def authority(home: Home) -> Path:
    """The certificate of the authority that the server's own is from, when both are on this machine."""
    file = Path(home.ask("SELECT @@ssl_ca")[0][0] or "nowhere")
    if not file.is_file():
        pytest.skip("the server has no TLS with an authority that the tests can see")
    return file


#: names of this machine that are no loopback addresses to read; the certificate is for the first
NAMED, UNNAMED = mariadb.CERTIFIED, "127.0.1"


def test_a_server_elsewhere_has_to_prove_who_it_is(mysql: Home) -> None:
    elsewhere = mysql.reading.replace("127.0.0.1", NAMED)
    trusted = f"{elsewhere}?ssl_ca={authority(mysql)}"
    with source.snapshot(mysql.server, trusted) as snapshot:
        assert snapshot.ask("SHOW STATUS LIKE 'ssl_cipher'")[0][1]
    for server, url in (
        (mysql.server, elsewhere),
        (mysql.server, trusted.replace(NAMED, UNNAMED)),
        (Server("legacy", "mysql", tls="verify-ca"), elsewhere),
    ):
        with pytest.raises(ConnectionRefused, match="certificate") as told, source.snapshot(server, url):
            pass
        assert "pass%2Fword" not in str(told.value)
        assert mariadb.PASSWORD not in str(told.value)


@pytest.mark.parametrize(
    ("tls", "name", "query", "encrypted"),
    [
        ("verify-ca", UNNAMED, "?ssl_ca={authority}", True),
        ("require", UNNAMED, "", True),
        ("disable", UNNAMED, "", False),
    ],
)
def test_the_contract_may_ask_for_less_in_so_many_words(
    mysql: Home, tls: str, name: str, query: str, encrypted: bool
) -> None:
    url = mysql.reading.replace("127.0.0.1", name) + query.format(authority=authority(mysql))
    with source.snapshot(Server("legacy", "mysql", tls=tls), url) as snapshot:  # type: ignore[arg-type]
        assert bool(snapshot.ask("SHOW STATUS LIKE 'ssl_cipher'")[0][1]) is encrypted


def test_a_connection_on_this_machine_is_encrypted_where_the_server_can_be(mysql: Home) -> None:
    authority(mysql)
    for _ in range(2):
        with source.snapshot(mysql.server, mysql.reading) as snapshot:
            assert snapshot.ask("SHOW STATUS LIKE 'ssl_cipher'")[0][1]


def test_many_rows_come_whole_through_an_encrypted_connection(mysql: Home) -> None:
    authority(mysql)
    mysql.run(
        "CREATE TABLE t (n integer PRIMARY KEY, v text)",
        "INSERT INTO t SELECT seq, REPEAT(CHAR(97 + seq % 26 USING utf8mb4), seq % 700) FROM seq_1_to_20000",
    )
    wanted = {(str(n), chr(97 + n % 26) * (n % 700)) for n in range(1, 20_001)}
    assert set(read(mysql, "t")) == wanted


def test_a_reader_that_stops_early_leaves_the_snapshot_usable(mysql: Home) -> None:
    mysql.run(
        "CREATE TABLE t (n integer PRIMARY KEY, v text)",
        "INSERT INTO t SELECT seq, REPEAT('a', 100) FROM seq_1_to_50000",
    )
    with source.snapshot(mysql.server, mysql.reading) as snapshot:
        asked = reading(mysql, snapshot, "t")
        pieces = source.read(snapshot, asked)
        next(pieces)
        pieces.close()  # type: ignore[attr-defined]
        assert source.count(snapshot, asked) == 50_000
        assert sum(piece.count(b"\n") for piece in source.read(snapshot, asked)) == 50_000
