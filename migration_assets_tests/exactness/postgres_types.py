"""PostgreSQL's own types, into columns of the same type."""

from dataclasses import replace

from migration_assets_tests.exactness.case import Case, Cell, Family, but, same

CONTROLS = "".join(chr(code) for code in range(1, 32))
LETTERS = "äß€中😀\U0010ffff\uffff"
#: the first character is the mark that readers of files like to swallow
TEXTS = (
    "\ufefffirst", "", " ", "a", "NULL", "null", "\\N", "\\.", "\\", "\\\\", "\\x41", "\\!", "\\!NUL character",
    "\\t", "\t", "\n", "\r", "\r\n", "\b\f\v", CONTROLS, "\x7f\x80\x85\xa0", LETTERS, "\u2028\u2029\u200b\ufeff",
    "e\u0301 and \u00e9", "  both ends  ", "a\\Nb", "a\tb\nc\\d", "'\"`;--/**/%s{}$1", "nan", "Infinity", "true",
    "0x10", "1e5", "2020-01-01", ",", "\"quoted\"", "\"", "\x01", "\x1a", "\u202eleft", "<a/>&amp;",
)  # fmt: skip
LARGE = "repeat('0123456789äé€\t\\', 500000)"

NUMBERS = (
    same("smallint", "0", "-1", "32767", "-32768"),
    same("integer", "0", "2147483647", "-2147483648"),
    same("bigint", "0", "9007199254740993", "9223372036854775807", "-9223372036854775808"),
    same("numeric(10,2)", "0", "-0.01", "99999999.99", "1.50", "NaN"),
    same("numeric(20,0)", "18446744073709551615", "-99999999999999999999"),
    same("numeric(38,10)", "1234567890123456789012345678.0123456789", "-0.0000000001", "NaN"),
    same("numeric(1000,500)", "0", "1" * 500 + "." + "3" * 500),
    same("numeric(5,-2)", "1234500", "-100", "0"),
    same("numeric(3,5)", "0.00999", "-0.00001"),
    same(
        "numeric",
        *(
            "0",
            "0.00",
            "1.500",
            "-1.5e-30",
            "1e40",
            "NaN",
            "Infinity",
            "-Infinity",
            "9" * 40 + "." + "9" * 40,
        ),
        "1" + "0" * 131071,
        "0." + "0" * 16382 + "1",
    ),
    same(
        "real",
        "0",
        "-0",
        "0.1",
        "1e-45",
        "3.4028235e38",
        "16777216",
        "1e6",
        "123456.7",
        "NaN",
        "Infinity",
        "-Infinity",
    ),
    same(
        "double precision",
        *(
            "0",
            "-0",
            "0.1",
            "0.30000000000000004",
            "5e-324",
            "2.2250738585072014e-308",
            "1.7976931348623157e308",
        ),
        *(
            "1e15",
            "1e14",
            "1e23",
            "9007199254740993",
            "123456789012345680",
            "-1e-7",
            "NaN",
            "Infinity",
            "-Infinity",
        ),
    ),
    same("money", "0", "-0.01", "92233720368547758.07", "-92233720368547758.08"),
    same("oid", "0", "4294967295"),
    same("boolean", "t", "f"),
)

STRINGS = (
    same("text", *TEXTS),
    same("varchar", *TEXTS),
    same("varchar(10)", "", "a", "abcdefghij", "a  ", "ä€😀中\u0301", "\t\n\\"),
    same("char(5)", "", "a", "ab   ", "abcde", "ä€😀", " a", "\\", "\t"),
    same("char", "", "a", "\\", "😀"),
    same("bpchar", "", "a", "a  ", "  "),
    same("name", "", "a" * 63, "Weird \"name\"; --"),
    same('"char"', "", "a", "\\", "\\377", " "),
    same("bytea", "\\x", "\\x00", "\\x" + bytes(range(256)).hex(), "\\x5c4e", "\\x0a0d095c2e", "\\xfffe", "\\x5c783431"),
    Case("text", "text", (Cell(LARGE),), note="a cell of 10 MB"),
    Case("bytea", "bytea", (Cell(f"convert_to({LARGE}, 'UTF8')"),), note="a cell of 10 MB"),
)  # fmt: skip

DATES = ("4713-01-01 BC", "0044-03-15 BC", "0001-02-29 BC", "0001-01-01", "1582-10-10", "1969-12-31", "2000-02-29",
         "9999-12-31", "10000-01-01", "200000-06-15", "infinity", "-infinity")  # fmt: skip
MOMENTS = (
    "4713-11-24 00:00:00 BC", "0044-03-15 23:59:59.999999 BC", "0001-01-01 00:00:00", "1582-10-10 12:00:00.5",
    "1969-12-31 23:59:59.999999", "2000-01-01 00:00:00.000001", "2024-02-29 10:00:00.1", "9999-12-31 23:59:59.999999",
    "10000-01-01 00:00:00", "200000-01-01 00:00:00.000001", "294276-12-31 23:59:59.999999", "infinity", "-infinity",
)  # fmt: skip
TIMES = ("00:00:00", "23:59:59.999999", "24:00:00", "00:00:00.000001", "12:30:00.5")
SPANS = (
    "0", "1 year -2 months +3 days -04:05:06.789", "-1 year 2 months -3 days 04:05:06", "-0.000001 s", "1 mon",
    "-178000000 years", "178000000 years", "2562047788:00:54.775807", "-2562047788:00:54.775807", "25:00:00", "-1 day",
    "1 day -25:00:00", "infinity", "-infinity",
)  # fmt: skip

MOMENTS_AND_TIMES = (
    same("date", *DATES, "5874897-12-31"),
    same("timestamp", *MOMENTS),
    same("timestamp(0)", "2020-01-01 10:00:00", "infinity", "0044-03-15 10:00:00 BC"),
    same("timestamp(3)", "2020-01-01 10:00:00.123", "2020-01-01 10:00:00.1"),
    same(
        "timestamptz",
        *MOMENTS,
        "2020-03-29 02:30:00+01",
        "2020-10-25 02:30:00 Europe/Berlin",
        "1890-01-01 Europe/Berlin",
    ),
    same("timestamptz(3)", "2020-01-01 10:00:00.123+05:45", "-infinity"),
    same("time", *TIMES),
    same("time(3)", "23:59:59.999", "24:00:00"),
    same("timetz", "23:59:59.999999-15:59:59", "00:00:00+14", "24:00:00+00", "12:00:00.5+05:45"),
    same("interval", *SPANS),
    same("interval day to second(3)", "3 days -04:05:06.789"),
    same("interval year to month", "-1 year -2 months"),
)

JSONS = (
    ' {"b" : 1 ,\t"a":[1.50, 1e2, -0.0, 1E-400], "aa":null, "b":2}\n', '"\\u00e9\\n\\/\\t\\\\\\"\\u001f"', '"\\ud83d\\ude00"', "[]",
    "{}", "null", "true", '""', "12345678901234567890.123456789012345678901234567890", '{"":{"":[[],[{}]]}}', '"äß€中😀"',
    '"\\\\N"', "-0", "[1,\r\n2]",
)  # fmt: skip

STRUCTURED = (
    same("uuid", "00000000-0000-0000-0000-000000000000", "FFFFFFFF-ffff-ffff-ffff-ffffffffffff"),
    same("json", *JSONS, '"\\u0000"', '"\\ud800"', "1e131073"),
    same("jsonb", *JSONS, "1e1000", "[" * 100 + "]" * 100),
    same("jsonpath", "$", 'strict $.a[*] ? (@.b == "x\\ty" && @ > 1.50)'),
    same("integer[]", "{}", "{NULL,1}", "{{1,2},{3,NULL}}", "[0:1]={1,2}", "[-1:0][5:6]={{1,2},{3,4}}"),
    same(
        "text[]",
        '{"a,b","NULL",NULL,"","\\"","\\\\",null,"{}"," ","\t\n"}',
        '{{"ä"},{😀}}',
        '{"\\\\N","\\\\."}',
    ),
    same("numeric[]", "{NaN,Infinity,1.50,NULL}"),
    same("double precision[]", "{-0,NaN,5e-324,1e23}"),
    same("bytea[]", '{"\\\\x00","\\\\x5c",NULL}'),
    same("date[]", "{infinity,0044-03-15 BC,9999-12-31}"),
    same("timestamptz[]", '{"2020-01-01 10:00:00.000001+00",-infinity}'),
    same("json[]", '{"{\\"a\\": \\"\\\\\\\\\\"}",null}'),
    same("mood", "sad", 'it\'s "ok", ä\\', ""),
    same("mood[]", '{sad,NULL,""}'),
    same("positive", "1", "2147483647"),
    same("short_text", "a\tb", ""),
    same("pair", '(1,"a,b")', "(,)", '(,"")', '(2,"\\"\\\\\\\\(")'),
    same("pair[]", '{"(1,a)","(,)"}'),
    same(
        "inet", "10.0.0.1", "10.0.0.1/8", "0.0.0.0/0", "::1", "::ffff:1.2.3.4", "2001:db8::/32", "::1.2.3.4"
    ),
    same("cidr", "10.0.0.0/8", "2001:db8::/32", "::/0"),
    same("macaddr", "08:00:2B:01:02:03"),
    same("macaddr8", "08:00:2b:01:02:03:04:05"),
    same("bit(1)", "0", "1"),
    same("bit(5)", "01010"),
    same("bit(64)", "1" * 64, "0" * 63 + "1"),
    same("bit varying", "", "0", "1" * 70),
    same("bit varying(5)", "", "101"),
    same("tsvector", "'a':1A,2 'b''c' 'd\\\\'", ""),
    same("tsquery", "'a' & !'b' <2> 'c':*A", ""),
    same("pg_lsn", "0/0", "FFFFFFFF/FFFFFFFF"),
    same("xid", "4294967295"),
    same("xid8", "18446744073709551615"),
    same("cid", "4294967295"),
    same("tid", "(4294967295,65535)"),
    same("pg_snapshot", "10:20:10,14,15"),
    same("txid_snapshot", "10:20:10,14,15"),
    same("int2vector", "1 -2 3"),
    same("oidvector", "1 4294967295"),
    same("regtype", "integer", "-"),
    same("regclass", "pg_class"),
)

SHAPES = (
    same("point", "(1.5,-0)", "(NaN,Infinity)", "(0.1,1e300)"),
    same("line", "{1,-0.5,0}"),
    same("lseg", "[(0,0),(1e-300,1)]"),
    same("box", "(1,1),(0,0)"),
    same("path", "[(0,0),(1,1)]", "((0,0),(1,1),(2,0))"),
    same("polygon", "((0,0),(1,1),(2,0.1))"),
    same("circle", "<(0,0),0.30000000000000004>"),
    same("int4range", "empty", "(,)", "[1,10)", "(1,10]", "[5,)"),
    same("int8range", "[9223372036854775807,)"),
    same("numrange", "[1.50,2]", "(-Infinity,NaN]"),
    same("daterange", "[0044-03-15 BC,infinity)"),
    same("tsrange", '["2020-01-01 00:00:00.000001",infinity]'),
    same("tstzrange", '["2020-01-01 10:00:00+05:45",)'),
    same("text_range", '["a,b","c\\"d")', '["",\\\\)'),
    same("int4multirange", "{}", "{[1,3),[5,)}"),
    same("nummultirange", "{[1.50,2],(3,4)}"),
    same("datemultirange", "{[2020-01-01,2020-02-01)}"),
    same("tstzmultirange", '{["2020-01-01 10:00:00+00",infinity]}'),
)

MADE = (
    """CREATE TYPE mood AS ENUM ('sad', 'it''s "ok", ä\\', '')""",
    "CREATE DOMAIN positive AS integer CHECK (VALUE > 0)",
    "CREATE DOMAIN short_text AS varchar(10)",
    "CREATE TYPE pair AS (a integer, b text)",
    'CREATE TYPE text_range AS RANGE (subtype = text, collation = "C")',
)

EXTENSIONS = (
    same(
        "xml",
        "<a/>",
        "<a>ä &amp; b\\n</a>",
        "only text",
        '<?xml version="1.0" encoding="latin1"?><a b="1"/>',
        "",
    ),
    same("hstore", '"a"=>"1", "b"=>NULL', "", '"a b"=>"\\"\\\\", "ä"=>"=>,"'),
    same("citext", "Ab", "", "\t\\N"),
    same("ltree", "a.B_1.c"),
    same("cube", "(1, -0.5),(2, 3)"),
    same("isbn", "978-0-393-04002-9"),
    same("xml[]", '{"<a b=\\"1\\"/>",NULL}'),
)
#: in this order a text with a byte order mark is the first field of the first row
ALL = (*STRINGS, *NUMBERS, *MOMENTS_AND_TIMES, *STRUCTURED, *SHAPES)

UNTOUCHED = Family(
    "pg_untouched",
    "PostgreSQL, the same type in the target",
    "Lines pass as PostgreSQL wrote them; nothing is mapped.",
    ALL,
    both=MADE,
)
BESIDE_MAPPED = Family(
    "pg_beside",
    "PostgreSQL, the same type, beside a column that is mapped",
    "Each line is taken apart and put together again.",
    ALL,
    both=MADE,
    beside_mapped=True,
    usual=UNTOUCHED,
)
ACROSS = Family(
    "pg_across",
    "PostgreSQL, from an older version",
    "The source is the PostgreSQL that the machine has installed, the target the embedded one.",
    tuple(
        replace(case, cells=tuple(cell for cell in case.cells if "infinity" not in cell.written))
        if case.source == "interval"
        else case
        for case in ALL
    ),
    both=MADE,
    usual=UNTOUCHED,
)
EXTENDED = Family(
    "pg_extended",
    "PostgreSQL, types of extensions",
    "Types that come with an extension, or with a server that was built with libxml.",
    EXTENSIONS,
    both=tuple(f"CREATE EXTENSION {name}" for name in ("hstore", "citext", "ltree", "cube", "isn")),
)
EXTENDED_BESIDE = replace(
    EXTENDED,
    name="pg_extended_beside",
    title=f"{EXTENDED.title}, beside a column that is mapped",
    usual=EXTENDED,
    beside_mapped=True,
)
GENERAL = Family(
    "pg_general",
    "PostgreSQL, by SQLAlchemy's general path",
    "As a database of PostgreSQL's kin would be read that has no module of its own.",
    tuple(
        but(case, {"\\x41": "is bytes, or text that looks like them"})
        if case.source in ("text", "varchar")
        else case
        for case in ALL
        if case.source != "inet" and not case.note
    ),
    both=MADE,
    usual=UNTOUCHED,
)
