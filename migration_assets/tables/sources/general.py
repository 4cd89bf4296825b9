"""Any other database that SQLAlchemy speaks to, by the general path: its driver's values, row by row."""

import re
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.pool import NullPool

from migration_assets.contracts.model import Scalar, Server, TableName
from migration_assets.errors import ConnectionRefused, MappingFault, MigrationError, Passing, PlanRefused
from migration_assets.stores import connections
from migration_assets.stores.refusals import cause_of
from migration_assets.tables.sources import bounds
from migration_assets.tables.sources.base import Reading, SourceColumn, SourceTable
from migration_assets.tables.sources.general_bounds import bound, compared, conditions, table_of
from migration_assets.tables.sources.general_values import SPELLINGS_OF_DRIVERS
from migration_assets.tables.sources.hops import lower_bounds
from migration_assets.tables.sources.mysql_refusals import PASSING
from migration_assets.tables.sources.rowwise import BATCH_ROWS, gathered, lines

#: rows that are taken at once where any of them may be large, and the types whose values are not
FEW_ROWS = 100
_SMALL = re.compile(
    r"(bool|bit|tiny|small|medium|big|int|num|dec|float|double|real|date|time|year|uuid|enum|(n?var)?n?char\w*\()"
    r".*",
    re.IGNORECASE,
)

#: what one snapshot needs, by dialect; any other gets SERIALIZABLE where it has it
_LEVELS = {"postgresql": "REPEATABLE READ", "mysql": "REPEATABLE READ", "mariadb": "REPEATABLE READ"}
_BEGINNINGS = {
    "postgresql": ("SET TRANSACTION READ ONLY",),
    "mysql": ("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",),
    "mariadb": ("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",),
    "oracle": ("SET TRANSACTION READ ONLY",),
    "sqlite": ("PRAGMA query_only = ON", "BEGIN", "SELECT count(*) FROM sqlite_master"),
}

#: seconds for a connection, as each driver calls them
_PATIENCE: dict[str, dict[str, int]] = {
    "psycopg2": {"connect_timeout": 10},
    "psycopg": {"connect_timeout": 10},
    "pymysql": {"connect_timeout": 10},
    "mysqldb": {"connect_timeout": 10},
    "mysqlconnector": {"connection_timeout": 10},
    "mariadbconnector": {"connect_timeout": 10},
    "oracledb": {"tcp_connect_timeout": 10},
    "pyodbc": {"timeout": 10},
    "pymssql": {"login_timeout": 10},
}

#: drivers of PostgreSQL and its kin, and types of which their Python values say less than the server's
#: own text: the months of an interval, infinity, the digits of numbers in JSON
_KIN = ("psycopg", "asyncpg", "pg8000")
_LOSSY = re.compile(r"json|interval|date|time|\[\]|range|inet|cidr", re.IGNORECASE)


@contextmanager
def snapshot(server: Server, url: str) -> Generator[Connection]:
    connections.tls(server, connections.parsed(server, url))
    engine = _engine(server, url)
    try:
        with _told(connections.safe(url)):
            connection = engine.connect()
        with connection:
            with _told():
                _begin(connection)
            yield connection
    finally:
        engine.dispose()


def describe(snapshot: Connection, table: TableName) -> SourceTable:
    try:
        with _told():
            inspector = sa.inspect(snapshot)
            columns = inspector.get_columns(table.name, table.schema)
            primary = inspector.get_pk_constraint(table.name, table.schema)
            constraints = inspector.get_unique_constraints(table.name, table.schema)
    except exc.NoSuchTableError:
        raise MappingFault(
            f"The source has no table {table}, or its role may not read it.",
            advice="Correct `from.table` in the contract, with its schema and in its own letter case.",
        ) from None
    return SourceTable(
        table,
        tuple(
            SourceColumn(
                column["name"],
                declared(snapshot, column["type"]),
                None,
                column["nullable"],
                column.get("comment") or "",
            )
            for column in columns
        ),
        tuple(primary["constrained_columns"]),
        tuple(tuple(constraint["column_names"]) for constraint in constraints),
    )


def count(snapshot: Connection, reading: Reading) -> int:
    query = sa.select(sa.func.count()).select_from(table_of(reading))
    return int(_ask(snapshot, query.where(*conditions(snapshot, reading)))[0][0])


def extent(snapshot: Connection, reading: Reading, column: SourceColumn) -> tuple[int, str | None]:
    highest: Any = sa.func.max(sa.column(column.name))
    query = sa.select(highest).select_from(table_of(reading))
    value = _ask(snapshot, query.where(*conditions(snapshot, reading)))[0][0]
    return count(snapshot, reading), None if value is None else str(value)


def read(snapshot: Connection, reading: Reading) -> Iterator[bytes]:
    query = sa.select(*(_value(snapshot, column) for column in reading.columns)).select_from(
        table_of(reading)
    )
    with _told():
        result = snapshot.execute(
            query.where(*conditions(snapshot, reading)),
            execution_options={"stream_results": True, "yield_per": _at_once(reading)},
        )
        with result:
            batches = (lines(rows, SPELLINGS_OF_DRIVERS) for rows in result.partitions())
            yield from batches if reading.batch_rows else gathered(batches)


def _at_once(reading: Reading) -> int:
    small = all(_SMALL.fullmatch(column.declared) for column in reading.columns)
    return reading.batch_rows or (BATCH_ROWS if small else FEW_ROWS)


def _value(snapshot: Connection, column: SourceColumn) -> sa.ColumnElement[Any]:
    place = sa.column(column.name)
    kin = snapshot.dialect.driver.startswith(_KIN)
    return sa.cast(place, sa.Text) if kin and _LOSSY.search(column.declared) else place


def ranges(snapshot: Connection, reading: Reading, rows: int) -> tuple[Scalar, ...]:
    place = compared(snapshot, reading)
    known = sa.select(place).select_from(table_of(reading)).where(*conditions(snapshot, reading))

    def lowest(condition: sa.ColumnElement[bool], skipped: int = 0) -> Scalar | None:
        query = known.where(condition).order_by(place).offset(skipped).limit(1)
        found = _ask(snapshot, query)
        return _scalar(reading, found[0][0]) if found else None

    return tuple(
        lower_bounds(
            lambda: lowest(place.is_not(None)),
            lambda lower: lowest(place >= bound(snapshot, reading, lower), rows),
            lambda lower: lowest(place > bound(snapshot, reading, lower)),
        )
    )


def values(snapshot: Connection, reading: Reading, limit: int) -> tuple[Scalar, ...]:
    place = compared(snapshot, reading)
    query = sa.select(place).distinct().select_from(table_of(reading))
    query = query.where(*conditions(snapshot, reading), place.is_not(None)).order_by(place).limit(limit + 1)
    return tuple(_scalar(reading, row[0]) for row in _ask(snapshot, query))


def position(snapshot: Connection) -> str:
    return f"{snapshot.dialect.name} at {datetime.now(UTC).isoformat(timespec='seconds')}"


def _engine(server: Server, url: str) -> Engine:
    try:
        patience = _PATIENCE.get(sa.make_url(url).get_driver_name(), {})
        return sa.create_engine(url, poolclass=NullPool, hide_parameters=True, connect_args=patience)
    except (ImportError, exc.ArgumentError):
        raise ConnectionRefused(
            f"The driver that {server.variable} asks for is not installed.",
            advice="Install the SQLAlchemy dialect of that database, and its driver.",
        ) from None


def _begin(connection: Connection) -> None:
    dialect = connection.dialect
    driver = connection.connection.dbapi_connection
    try:
        levels = dialect.get_isolation_level_values(driver) if driver else ()
    except NotImplementedError:
        levels = ()
    connection.rollback()
    wanted = _LEVELS.get(dialect.name, "SERIALIZABLE")
    if wanted in levels and dialect.name != "sqlite":
        connection.execution_options(isolation_level=wanted)
    for statement in _BEGINNINGS.get(dialect.name, ()):
        connection.exec_driver_sql(statement)
    # the snapshot is the one of the transaction's first query
    connection.execute(sa.select(sa.literal(1)))


def declared(snapshot: Connection, kind: sa.types.TypeEngine[Any]) -> str:
    try:
        return kind.compile(snapshot.dialect)
    except exc.CompileError:
        return "unknown"


def _scalar(reading: Reading, value: object) -> Scalar:
    match value:
        case bool() | UUID():
            return str(value).lower()
        case int() | str():
            return value
        case Decimal():
            whole = value.is_finite() and value.as_tuple().exponent == 0
            return int(value) if whole else value
        case float():
            return Decimal(repr(value))
        case date():
            return bounds.text_of(value)
        case _:
            column = reading.bounded.name if reading.bounded else ""
            raise PlanRefused(
                f"The column {column} holds values that are no bounds of partitions.",
                advice="Partition by a column of numbers, texts or dates.",
            )


def _ask(snapshot: Connection, query: sa.Select[Any]) -> Sequence[sa.Row[Any]]:
    with _told():
        return snapshot.execute(query).fetchall()


@contextmanager
def _told(connecting_to: str = "") -> Generator[None]:
    """The driver's errors as ours; its words are not told, for they may hold a row's values."""
    try:
        yield
    except exc.DBAPIError as error:
        raise _classified(error, connecting_to) from None
    except exc.NoSuchTableError:
        raise
    except exc.SQLAlchemyError as error:
        raise MappingFault(
            f"The source refused ({type(error).__name__}).",
            advice="Look at `from`, `where` and the columns of the contract.",
        ) from None


def _passing_cause(error: object) -> str:
    """By the SQLSTATE that many drivers give, or by MySQL's number; empty for a fault that stays."""
    state = getattr(error, "sqlstate", None) or getattr(error, "pgcode", None)
    if isinstance(state, str):
        return cause_of(state)
    said = getattr(error, "args", ())
    number = said[0] if said else None
    return PASSING.get(number, "") if isinstance(number, int) and _is_mysql(error) else ""


def _is_mysql(error: object) -> bool:
    return any(sign in type(error).__module__.lower() for sign in ("mysql", "mariadb"))


def _classified(error: exc.DBAPIError, connecting_to: str) -> MigrationError:
    name = type(error.orig).__name__
    if connecting_to and (cause := _passing_cause(error.orig)):
        return Passing(f"{connecting_to} cannot be reached now ({name}).", advice="Try again.", cause=cause)
    if connecting_to:
        return ConnectionRefused(f"{connecting_to} cannot be reached ({name}).", advice="Correct the URL.")
    if error.connection_invalidated:
        return Passing(
            f"The connection to the source was lost ({name}).", advice="Try again.", cause="connection"
        )
    if cause := _passing_cause(error.orig):
        return Passing(f"The source refused for the moment ({name}).", advice="Try again.", cause=cause)
    return MappingFault(
        f"The source refused to read the table ({name}).",
        advice="Look at `from`, `where` and the columns of the contract, then run `migrate plan`.",
    )
