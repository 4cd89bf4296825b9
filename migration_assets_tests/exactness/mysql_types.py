"""MySQL's and MariaDB's types, into the columns that are natural for them."""

from migration_assets_tests.exactness.case import Case, Cell, Family, expressed, quoted, written
from migration_assets_tests.exactness.postgres_types import TEXTS

NUL, BAD_TEXT, ZERO, NO_DAY = "!NUL character", "!invalid text", "!zero date", "!no such date"
RANGE = "!is out of the range"


def text(value: str) -> str:
    """A literal that no mode of the server reads otherwise."""
    return f"CONVERT(0x{value.encode().hex()} USING utf8mb4)" if value else "''"


def numbers(declared: str, target: str, *values: str) -> Case:
    return written(declared, target, *((value, value) for value in values))


TEXT_CELLS = tuple((text(value), value) for value in TEXTS)

NUMBERS = (
    numbers("tinyint", "smallint", "-128", "0", "127"),
    numbers("tinyint unsigned", "smallint", "255"),
    written("tinyint(1)", "boolean", ("0", "f"), ("1", "t"), ("2", "!is neither"), ("-1", "!is neither")),
    numbers("tinyint(1)", "smallint", "0", "1", "-128", "127"),
    numbers("smallint", "smallint", "-32768", "32767"),
    numbers("smallint unsigned", "integer", "65535"),
    written("smallint unsigned", "smallint", ("32767", "32767"), ("32768", RANGE)),
    numbers("mediumint", "integer", "-8388608", "8388607"),
    numbers("mediumint unsigned", "integer", "16777215"),
    numbers("int", "integer", "-2147483648", "2147483647"),
    numbers("int unsigned", "bigint", "4294967295"),
    written("int unsigned", "integer", ("2147483647", "2147483647"), ("2147483648", RANGE)),
    written("int(10) zerofill", "bigint", ("5", "5"), ("4294967295", "4294967295")),
    written("int(5) zerofill", "text", ("5", "5")),
    numbers("bigint", "bigint", "-9223372036854775808", "9007199254740993", "9223372036854775807"),
    numbers("bigint unsigned", "numeric(20,0)", "0", "18446744073709551615"),
    written(
        "bigint unsigned",
        "bigint",
        ("9223372036854775807", "9223372036854775807"),
        ("9223372036854775808", RANGE),
    ),
    numbers("bigint unsigned", "numeric", "18446744073709551615"),
    numbers("decimal(10,2)", "numeric(10,2)", "0.00", "-0.01", "99999999.99"),
    written("decimal(10,2)", "numeric(8,2)", ("5", "5.00"), ("1000000", "!has more than 6")),
    written("decimal(10,2)", "numeric(12,1)", ("5.10", "5.1"), ("5.11", "!decimals")),
    numbers("decimal(20,0)", "numeric(20,0)", "-99999999999999999999"),
    numbers(
        "decimal(65,30)",
        "numeric(65,30)",
        "-99999999999999999999999999999999999.999999999999999999999999999999",
        "0.000000000000000000000000000001",
    ),
    written("decimal(10,2) unsigned zerofill", "numeric(10,2)", ("5", "5.00")),
    written("decimal(10,2)", "integer", ("5.00", "5"), ("5.5", "!decimals")),
    written(
        "float",
        "real",
        *(("0.1", "0.1"), ("16777216", "1.6777216e+07"), ("3.4028234e38", "3.4028235e+38"), ("0", "0")),
        *(("1.17549435e-38", "1.1754944e-38"), ("-123456.7", "-123456.7")),
    ),
    written("float", "double precision", ("0.1", "0.10000000149011612"), ("0.5", "0.5")),
    written("float", "numeric(10,2)", ("0.5", "0.50"), ("0.1", "!decimals")),
    written("float(7,2)", "real", ("0.1", "0.1"), ("12345.67", "12345.67")),
    written(
        "double",
        "double precision",
        *(("0.1", "0.1"), ("0.30000000000000004e0", "0.30000000000000004")),
        *(
            ("1.7976931348623157e308", "1.7976931348623157e+308"),
            ("1e15", "1e+15"),
            ("1e14", "100000000000000"),
        ),
        *(("-2.2250738585072014e-308", "-2.2250738585072014e-308"), ("5e-324", "5e-324")),
        *(
            ("123456789012345680e0", "1.2345678901234568e+17"),
            ("9007199254740993e0", "9.007199254740992e+15"),
        ),
        *(("-1.2345678901234568e-300", "-1.2345678901234568e-300"), ("1e23", "9.999999999999999e+22")),
        *(("1234567890123456.5e0", "1.2345678901234565e+15"), ("1e-7", "1e-07"), ("0.0001e0", "0.0001")),
    ),
    written("double", "numeric(12,2)", ("0.5", "0.50"), ("0.125", "!decimals")),
    written("double(10,3)", "double precision", ("0.1", "0.1"), ("1234567.891", "1234567.891")),
    written("double", "real", ("0.5", "0.5"), ("0.30000000000000004e0", "!digits")),
    written("bit(1)", "bit(1)", ("b'0'", "0"), ("b'1'", "1")),
    written("bit(1)", "boolean", ("b'0'", "f"), ("b'1'", "t")),
    written("bit(8)", "bit(8)", ("b'101'", "00000101"), ("0", "00000000"), ("b'11111111'", "11111111")),
    written("bit(64)", "bit(64)", ("b'1'", "0" * 63 + "1"), (f"b'{'1' * 64}'", "1" * 64), ("0", "0" * 64)),
    written("bit(8)", "bit varying", ("b'101'", "00000101")),
    Case("bit(8)", "integer", (Cell("b'101'", refused=""),), refusal="would be read as something else"),
    written("year", "smallint", ("0", "0"), ("1901", "1901"), ("2155", "2155")),
)

DAYS = (("'1000-01-01'", "1000-01-01"), ("'9999-12-31'", "9999-12-31"), ("'0001-01-01'", "0001-01-01"))
NO_DAYS = (
    ("'0000-00-00'", ZERO),
    ("'2020-00-00'", ZERO),
    ("'2020-01-00'", ZERO),
    ("'0000-01-01'", ZERO),
    ("'2020-02-31'", NO_DAY),
)
SPANS = (
    *(("'-838:59:59'", "-838:59:59"), ("'838:59:59'", "838:59:59"), ("'00:00:00'", "00:00:00")),
    *(("'24:00:00'", "24:00:00"), ("'-00:00:01'", "-00:00:01")),
)

MOMENTS = (
    written("date", "date", *DAYS, *NO_DAYS),
    written("date", "timestamp", ("'2020-01-01'", "2020-01-01 00:00:00"), ("'0000-00-00'", ZERO)),
    written("date", "text", ("'2020-01-01'", "2020-01-01"), ("'0000-00-00'", ZERO)),
    written(
        "datetime",
        "timestamp",
        *(("'1000-01-01 00:00:00'", "1000-01-01 00:00:00"), ("'9999-12-31 23:59:59'", "9999-12-31 23:59:59")),
        *(
            ("'0000-00-00 00:00:00'", ZERO),
            ("'2020-00-10 10:00:00'", ZERO),
            ("'2020-04-31 10:00:00'", NO_DAY),
        ),
    ),
    written(
        "datetime(6)",
        "timestamp(6)",
        *(
            ("'2020-01-01 10:00:00.000001'", "2020-01-01 10:00:00.000001"),
            ("'2020-01-01'", "2020-01-01 00:00:00"),
        ),
        *(("'9999-12-31 23:59:59.999999'", "9999-12-31 23:59:59.999999"), ("'0000-00-00'", ZERO)),
        ("'2020-01-01 10:00:00.5'", "2020-01-01 10:00:00.5"),
    ),
    written("datetime(3)", "timestamp(3)", ("'2020-01-01 10:00:00.120'", "2020-01-01 10:00:00.12")),
    written(
        "datetime(6)",
        "timestamp(0)",
        ("'2020-01-01 10:00:00'", "2020-01-01 10:00:00"),
        ("'2020-01-01 10:00:00.5'", "!digits of a second"),
    ),
    written("datetime", "timestamptz", ("'2020-01-01 10:00:00'", "!has no time zone")),
    written("datetime", "date", ("'2020-01-01'", "2020-01-01"), ("'2020-01-01 10:00:00'", "!time of day")),
    written(
        "timestamp",
        "timestamptz",
        *(
            ("'1970-01-01 00:00:01'", "1970-01-01 00:00:01+00"),
            ("'2038-01-19 03:14:07'", "2038-01-19 03:14:07+00"),
        ),
        *(("'2020-03-29 01:30:00'", "2020-03-29 01:30:00+00"), ("'0000-00-00 00:00:00'", ZERO)),
    ),
    written("timestamp(6)", "timestamptz", ("'2020-01-01 10:00:00.000001'", "2020-01-01 10:00:00.000001+00")),
    written("timestamp", "timestamp", ("'2020-01-01 10:00:00'", "!has a time zone")),
    written("time", "interval", *SPANS),
    written(
        "time(6)",
        "interval",
        ("'-00:00:00.000001'", "-00:00:00.000001"),
        ("'838:59:58.999999'", "838:59:58.999999"),
        ("'10:00:00.5'", "10:00:00.5"),
    ),
    written(
        "time",
        "time",
        *(("'10:00:00'", "10:00:00"), ("'24:00:00'", "24:00:00"), ("'24:00:01'", RANGE)),
        *(("'-00:00:01'", RANGE), ("'838:59:59'", RANGE)),
    ),
    written("time", "text", ("'-838:59:59'", "-838:59:59")),
)

BYTES_OF_ALL = bytes(range(256)).hex()

STRINGS = (
    written("text", "text", *TEXT_CELLS, ("0x610062", NUL)),
    written("varchar(100)", "varchar(100)", *TEXT_CELLS, ("'a\\0b'", NUL), ("'a  '", "a  ")),
    written("varchar(100)", "text", ("'a'", "a")),
    written("varchar(5)", "varchar(3)", ("'abc'", "abc"), ("'abc '", "!has more than 3")),
    written("char(5)", "char(5)", ("'ab'", "ab   "), ("''", "     "), ("'ab   '", "ab   "), ("' ab'", " ab  ")),
    written("char(5)", "text", ("'ab'", "ab"), ("''", ""), ("'ab   '", "ab"), (text("ä😀"), "ä😀")),
    written("tinytext", "text", ("'a'", "a"), (text("\t\\N"), "\t\\N"), ("0x00", NUL)),
    written("mediumtext", "text", *TEXT_CELLS),
    written("longtext", "text", ("''", ""), ("'a\\\\b'", "a\\b")),
    written(
        "varchar(20) character set latin1",
        "text",
        *(("'é'", "é"), ("0x80", "€"), ("0xff", "ÿ"), ("''", ""), ("0x5c4e", "\\N"), ("0x610062", NUL)),
        *(("0x09", "\t"), ("'a  '", "a  ")),
    ),
    written("text character set latin1", "text", ("'é'", "é"), ("0x80", "€"), ("0x5c0a", "\\\n"), ("0x00", NUL)),
    written("char(5) character set latin1", "char(5)", ("'é'", "é    ")),
    written("varchar(20) character set utf8mb3", "text", ("'€ä'", "€ä"), ("'中'", "中")),
    written("varchar(20) character set gbk", "text", ("0xd6d0", "中"), ("0xd55c", "誠"), ("0x5c", "\\"), ("'a'", "a")),
    written("text character set gbk", "text", ("0xd55c", "誠"), ("0xd55c6e", "誠n")),
    written("varchar(20) character set sjis", "text", ("0x955c", "表"), ("0x5c", BAD_TEXT), ("0xb1", "ｱ"), note="0x5c does not come back from Unicode as it was"),
    written("varchar(20) character set big5", "text", ("0xa55c", "功")),
    written("varchar(20) character set cp1251", "text", ("0xdf", "Я")),
    written("varchar(20) character set koi8r", "text", ("0xf1", "Я")),
    written("varchar(20) character set greek", "text", ("0xe1", "\u03b1")),
    written("varchar(20) character set ucs2", "text", ("0x00e4", "ä"), ("0x005c", "\\"), ("0x0009", "\t")),
    written("text character set utf16", "text", ("0xd83dde00", "😀"), ("0x005c004e", "\\N"), ("0x00610000", NUL)),
    written("varchar(20) character set utf32", "text", ("0x0001f600", "😀")),
    written("varchar(20) character set ascii", "text", ("'a'", "a")),
    written("enum('sad','é','it''s','a\\\\b','')", "text", ("'sad'", "sad"), ("'É'", "é"), ("'it''s'", "it's"), ("'a\\\\b'", "a\\b"), ("''", ""), ("'none'", "")),
    written("enum('é','ü') character set latin1", "text", ("'ü'", "ü")),
    written("set('a','b','é')", "text", ("'a'", "a"), ("'é,a'", "a,é"), ("''", ""), ("7", "a,b,é")),
    written("json", "json", ("'{\"b\":  1, \"a\": 1.50, \"a\": 2}'", '{"b":  1, "a": 1.50, "a": 2}'), ("'\"\\\\u00e9\\\\\\\\\"'", '"\\u00e9\\\\"'), ("'null'", "null"), ("'1.'", "!is no JSON"), ("'\"\\\\q\"'", "!is no JSON")),
    written("json", "jsonb", ("'{\"b\":  1, \"a\": 1.50}'", '{"a": 1.50, "b": 1}'), ("'{\"a\":1,\"a\":2}'", "!twice"), ("'\"\\\\u0000\"'", "!character"), ("'1e2'", "100")),
    written("json", "text", ("'{\"a\":  1}'", '{"a":  1}')),
    Case("longtext", "text", (Cell("REPEAT(CONVERT(0xc3a4e282ac5c0961 USING utf8mb4), 1300000)", arrives="ä€\\\ta" * 1_300_000),), note="a cell of 10 MB"),
)  # fmt: skip

BYTES = (
    written("binary(4)", "bytea", ("0x61", "\\x61000000"), ("0x00ff5c09", "\\x00ff5c09"), ("''", "\\x00000000")),
    written("varbinary(300)", "bytea", ("''", "\\x"), ("0x00", "\\x00"), (f"0x{BYTES_OF_ALL}", f"\\x{BYTES_OF_ALL}"), ("'a  '", "\\x612020")),
    written("tinyblob", "bytea", ("0x00ff", "\\x00ff"), ("''", "\\x")),
    written("blob", "bytea", (f"0x{BYTES_OF_ALL}", f"\\x{BYTES_OF_ALL}"), ("'\\\\x41'", "\\x5c783431")),
    written("mediumblob", "bytea", ("0x0a0d09", "\\x0a0d09")),
    written("longblob", "bytea", ("REPEAT(0x005cff, 3000000)", "\\x" + "005cff" * 3_000_000), note="a cell of 9 MB"),
    Case("varbinary(10)", "text", (Cell("'hi'", refused=""),), refusal="would be read as something else"),
    Case("blob", "text", (Cell("'hi'", refused=""),), refusal="would be read as something else"),
    written("point", "bytea", ("POINT(1.5, -0.1)", "\\x0101000000000000000000f83f9a9999999999b9bf"), ("ST_GeomFromText('POINT(1 2)', 4326)", "\\x0101000020e6100000000000000000f03f0000000000000040"), note="as EWKB"),
    written("geometry", "bytea", ("ST_GeomFromText('LINESTRING(0 0, 1 1)')", "\\x01020000000200000000000000000000000000000000000000000000000000f03f000000000000f03f"), note="as EWKB"),
    written("uuid", "uuid", ("'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")),
    written("inet4", "inet", ("'0.0.0.0'", "0.0.0.0"), ("'255.255.255.255'", "255.255.255.255")),
    written("inet6", "inet", *((f"'{address}'", printed) for address, printed in (
        ("::", "::"), ("::1", "::1"), ("2001:db8::ff00:42:8329", "2001:db8::ff00:42:8329"), ("::ffff:192.0.2.1", "::ffff:192.0.2.1"),
        ("::192.0.2.1", "::192.0.2.1"), ("1:0:0:2:0:0:0:3", "1:0:0:2::3"), ("1:2:3:4:5:6:7:0", "1:2:3:4:5:6:7:0"), ("0:2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"),
        ("1:0:3:4:5:6:7:8", "1:0:3:4:5:6:7:8"), ("1:0:0:4:0:0:7:8", "1::4:0:0:7:8"), ("fe80::1:0:0", "fe80::1:0:0"), ("::5", "::5"), ("::1:2", "::0.1.0.2"),
    ))),
)  # fmt: skip

UNTOUCHED = Family(
    "my_values",
    "MySQL and MariaDB",
    "The server writes its values as the text that PostgreSQL prints.",
    (*STRINGS, *NUMBERS, *MOMENTS, *BYTES),
)
BESIDE_MAPPED = Family(
    "my_beside",
    "MySQL and MariaDB, beside a column that is mapped",
    "Each line is taken apart and put together again.",
    (*STRINGS, *NUMBERS, *MOMENTS, *BYTES),
    beside_mapped=True,
    usual=UNTOUCHED,
)
AS_NULL = Family(
    "my_zero",
    "MySQL and MariaDB, `zero_dates: as_null`",
    "Zero dates arrive as NULL; a day that no month has does not.",
    tuple(
        Case(declared, target, (*(Cell(quoted(day), as_null=True) for day in zeros), Cell("'2020-02-31'", refused=NO_DAY[1:])))
        for declared, target, zeros in (
            ("date", "date", ("0000-00-00", "2020-00-00", "2020-01-00")),
            ("datetime(6)", "timestamp", ("0000-00-00", "0000-00-00 10:00:00")),
        )
    ),
    zero_dates="as_null",
)  # fmt: skip
EXPRESSED = Family(
    "my_expressed",
    "MySQL and MariaDB, through an expression that changes nothing",
    "The expression is the column itself, so that DuckDB reads every value and prints it again.",
    tuple(expressed(case, {}) for case in (*NUMBERS, *MOMENTS, *STRINGS, *BYTES) if not case.alone),
    usual=UNTOUCHED,
)
