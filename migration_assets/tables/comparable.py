"""Values that limits can be compared with: numbers as numbers, moments as microseconds since 1970."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache

import duckdb
import pyarrow as pa

from migration_assets.checks.rules import Rule
from migration_assets.contracts.pgtypes import PgType
from migration_assets.tables.copy_text import pc
from migration_assets.tables.reading_sql import database

MOMENTS = ("date", "timestamp", "timestamptz")


def compared(values: pa.Array, pgtype: PgType) -> pa.Array:
    """The values of canonical text, null where one has no place among the others (NaN); the text itself
    for types that have no order."""
    cast = _cast(pgtype)
    if cast is None:
        return values
    try:
        return _at_once(values, pgtype)
    except pa.ArrowInvalid:
        # infinity, years before Christ or of five digits, NaN: DuckDB reads them, more slowly
        with _database().cursor() as cursor:
            cursor.register("t", pa.table({"v": values}))
            return cursor.sql(f"SELECT {cast} AS v FROM t").to_arrow_table().column("v").combine_chunks()  # noqa: S608


@cache
def _database() -> duckdb.DuckDBPyConnection:
    """Opened when the first unusual value is met, and once, as that takes 20 ms."""
    return database()


def _at_once(values: pa.Array, pgtype: PgType) -> pa.Array:
    """ArrowInvalid where a value is not of the usual form."""
    match pgtype.family:
        case "integer":
            return pc.cast(values, pa.int64())
        case "numeric":
            return pc.cast(values, pa.decimal128(*_digits(pgtype)))
        case "float":
            return pc.cast(values, pa.float64())
        case "date":
            moments = pc.cast(pc.cast(values, pa.date32()), pa.timestamp("us"))
        case "timestamp":
            moments = pc.cast(values, pa.timestamp("us"))
        case _:
            moments = pc.cast(values, pa.timestamp("us", "UTC"))
    return moments.cast(pa.int64())


def _digits(pgtype: PgType) -> tuple[int, int]:
    """Precision and scale to compare a numeric by."""
    if pgtype.precision is not None and pgtype.precision <= 38 and pgtype.scale >= 0:
        return max(pgtype.precision, pgtype.scale), pgtype.scale
    return 38, 10


def _cast(pgtype: PgType) -> str | None:
    """DuckDB's expression over text `v`."""
    match pgtype.family:
        case "integer":
            return "TRY_CAST(v AS BIGINT)"
        case "numeric":
            precision, scale = _digits(pgtype)
            return f"TRY_CAST(v AS DECIMAL({precision},{scale}))"
        case "float":
            return "TRY_CAST(v AS DOUBLE)"
        case "date" | "timestamp" | "timestamptz":
            moment = "TRY_CAST(replace(v, ' BC', ' (BC)') AS TIMESTAMP)"
            return (
                "CASE v WHEN 'infinity' THEN 9223372036854775807 WHEN '-infinity' THEN -9223372036854775807 "
                f"ELSE epoch_us({moment}) END"
            )
        case _:
            return None


def ready(rule: Rule, pgtype: PgType) -> Rule:
    """The rule with its limits as the values of the type are compared."""
    return replace(rule, limits={key: _limit(pgtype, limit) for key, limit in rule.limits.items()})


def _limit(pgtype: PgType, limit: object) -> object:
    if pgtype.family in MOMENTS and isinstance(limit, str):
        moment = datetime.fromisoformat(limit)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    if pgtype.family == "float" and isinstance(limit, int | Decimal):
        return float(limit)
    if pgtype.family == "integer" and isinstance(limit, Decimal):
        return int(limit) if limit == limit.to_integral_value() else float(limit)
    if pgtype.family == "numeric" and isinstance(limit, int | float):
        return Decimal(str(limit))
    return limit
