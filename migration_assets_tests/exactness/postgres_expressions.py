"""Values that go through DuckDB, by an expression or the Python hook: they arrive exactly, too, or are set aside."""

import pandas as pd

from migration_assets_tests.exactness.case import Family, becomes, but, expressed
from migration_assets_tests.exactness.postgres_changes import RANGE, TOO_LONG
from migration_assets_tests.exactness.postgres_types import ALL, MADE, UNTOUCHED

#: by type: what DuckDB has no exact value for
UNREADABLE = {
    "numeric(10,2)": {"NaN": "cannot be read as DECIMAL"},
    "numeric(38,10)": {"NaN": "cannot be read as DECIMAL"},
    "timestamp": {"294276-12-31 23:59:59.999999": "cannot be read as TIMESTAMP"},
    "timestamptz": {"294276-12-31 23:59:59.999999": "cannot be read as TIMESTAMPTZ"},
}

MADE_BY_SQL = (
    becomes(
        "numeric(10,2)",
        "numeric(8,1)",
        {"1.10": "1.1", "-9999999.90": "-9999999.9"},
        {"1.11": "decimals", "99999999.00": TOO_LONG},
        expression="{column}",
    ),
    becomes("numeric(10,2)", "integer", {"5.00": "5"}, {"5.50": "decimals"}, expression="{column}"),
    becomes("numeric(10,2)", "double precision", {"0.10": "0.1"}, expression="{column}"),
    becomes("integer", "smallint", ["32767"], {"32768": RANGE}, expression="{column}"),
    becomes(
        "bigint",
        "bigint",
        {"5": "6"},
        {"9223372036854775807": "transformLogic fails"},
        expression="{column} + 1",
        cast=False,
    ),
    becomes("bigint", "double precision", {"5": "5"}, {"9007199254740993": "digits"}, expression="{column}"),
    becomes(
        "bigint",
        "numeric(12,2)",
        {"12345": "123.45", "-1": "-0.01", "7": "0.07"},
        expression="{column} / 100.0",
        cast=False,
    ),
    becomes(
        "double precision",
        "numeric(12,2)",
        {"0.5": "0.50"},
        {"0.125": "decimals", "0.30000000000000004": "decimals"},
        expression="{column}",
    ),
    becomes(
        "real",
        "double precision",
        {"0.1": "0.10000000149011612", "1e-45": "1.401298464324817e-45"},
        expression="{column}",
    ),
    becomes(
        "char(1)",
        "boolean",
        {"Y": "t", "N": "f"},
        expression="CASE {column} WHEN 'Y' THEN true WHEN 'N' THEN false END",
        cast=False,
    ),
    becomes(
        "boolean",
        "text",
        {"t": "Y", "f": "N"},
        expression="CASE {column} WHEN true THEN 'Y' WHEN false THEN 'N' END",
        cast=False,
    ),
    becomes("boolean", "integer", {"t": "1", "f": "0"}, expression="{column}::INTEGER"),
    becomes("char(5)", "text", {"ab": "ab", "": ""}, expression="rtrim({column})"),
    becomes(
        "date",
        "timestamp",
        {
            "2020-01-01": "2020-01-01 00:00:00",
            "0044-03-15 BC": "0044-03-15 00:00:00 BC",
            "infinity": "infinity",
        },
        {"294277-01-01": RANGE},
        expression="{column}",
    ),
    becomes(
        "date",
        "date",
        {"0001-01-01": "0001-01-01 BC"},
        {"4714-11-24 BC": "transformLogic fails"},
        expression="({column} - INTERVAL 1 YEAR)::DATE",
        cast=False,
    ),
    becomes(
        "timestamp",
        "date",
        {"2020-01-01 00:00:00": "2020-01-01"},
        {"2020-01-01 00:00:01": "time of day"},
        expression="{column}",
    ),
    becomes(
        "timestamp",
        "timestamp(0)",
        ["2020-01-01 10:00:00"],
        {"2020-01-01 10:00:00.5": "digits of a second"},
        expression="{column}",
    ),
    becomes(
        "timestamp",
        "timestamptz",
        {
            "2020-07-01 10:00:00.000001": "2020-07-01 14:00:00.000001+00",
            "0044-03-15 10:00:00 BC": "0044-03-15 14:56:02+00 BC",
        },
        {},
        expression="{column} AT TIME ZONE 'America/New_York'",
        cast=False,
    ),
    becomes(
        "timestamptz",
        "timestamp",
        {"2020-07-01 10:00:00+00": "2020-07-01 06:00:00", "infinity": "infinity"},
        expression="{column} AT TIME ZONE 'America/New_York'",
        cast=False,
    ),
    becomes(
        "timestamp",
        "text",
        ["2020-01-01 10:00:00.5", "0044-03-15 10:00:00 BC", "infinity"],
        expression="{column}",
    ),
    becomes(
        "char(8)",
        "date",
        {"20200229": "2020-02-29"},
        {"20190229": "transformLogic fails", "garbage!": "transformLogic fails"},
        expression="strptime({column}, '%Y%m%d')::DATE",
    ),
    becomes(
        "integer",
        "interval",
        {"3": "3 days", "-1": "-1 days", "0": "00:00:00"},
        expression="to_days({column})",
        cast=False,
    ),
    becomes(
        "integer",
        "interval",
        {"14": "1 year 2 mons", "-14": "-1 years -2 mons"},
        expression="to_months({column})",
        cast=False,
    ),
    becomes(
        "integer",
        "interval",
        {"1": "1 mon -1 days +00:00:01.5"},
        expression="to_months({column}) - INTERVAL '1 day' + INTERVAL '1.5 seconds'",
        cast=False,
    ),
    becomes(
        "integer",
        "jsonb",
        {"5": '{"a": 5, "b": [1, null]}'},
        expression="CASE WHEN {column} > 0 THEN {{'b': [1, NULL], 'a': {column}}} END",
        cast=False,
    ),
    becomes("integer", "text", {"5": "5"}, expression="{column}"),
    becomes("text", "bytea", {"ä\\": "\\xc3a45c"}, expression="encode({column})", cast=False),
    becomes(
        "bytea",
        "text",
        {"\\xc3a45c": "ä\\"},
        {"\\xff": "transformLogic fails"},
        expression="decode({column})",
        cast=False,
    ),
    becomes("uuid", "text", ["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"], expression="{column}"),
    becomes("text", "text", {"\ufeff Ä\t": "\ufeff Ä\t!"}, expression="{column} || '!'", cast=False),
)

EXPRESSED = Family(
    "pg_expressed",
    "PostgreSQL, through an expression that changes nothing",
    "The expression is the column itself, so that DuckDB reads every value and prints it again.",
    tuple(expressed(case, UNREADABLE.get(case.source, {})) for case in ALL),
    both=MADE,
    usual=UNTOUCHED,
)
MADE_OTHERWISE = Family(
    "pg_made",
    "PostgreSQL, made by an expression",
    "What the expression gives arrives in the target's type, or is set aside.",
    MADE_BY_SQL,
)


def unchanged(frame: pd.DataFrame) -> pd.DataFrame:
    return frame


HOOKED = Family(
    "pg_hooked",
    "PostgreSQL, through the Python hook",
    "The hook returns the frame that it was given.",
    tuple(but(case, UNREADABLE.get(case.source, {})) for case in ALL),
    both=MADE,
    hook=f"{__name__}:unchanged",
    usual=UNTOUCHED,
)
