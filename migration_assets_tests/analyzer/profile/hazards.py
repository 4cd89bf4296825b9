"""Small tables, each with one hazard: what makes them, the contract that reads them, and what it is called."""

from dataclasses import dataclass, field, replace
from typing import Any

from migration_assets.contracts.model import Column, Contract, Reference, Server, TableName
from migration_assets_tests.tables.by_hand import CLOUD, column, contract


@dataclass(frozen=True)
class Case:
    """`kind` is the hazard that stops the rows; `contract` reads the table of its own name."""

    contract: Contract
    kind: str
    statements: tuple[str, ...] = ()
    #: the source's column is what the hazard names, where it names one
    column: str | None = "v"
    #: what to make in the target beforehand
    beforehand: tuple[str, ...] = ()
    #: whether the run refuses it (what is carried is not)
    refused: bool = True
    #: a person's own words for the test's name
    called: str = field(default="")

    @property
    def id(self) -> str:
        return self.called or self.contract.name


def key() -> Column:
    return column("id", "integer", sources=("id",), required=True)


def value(type: str, **more: Any) -> Column:
    return Column("v", type, sources=more.pop("sources", ("v",)), **more)


def read(name: str, *columns: Column, server: Server, **more: Any) -> Contract:
    made = contract(name, key(), *columns, primary_key=("id",), **more)
    return replace(made, source=server, target=CLOUD, source_table=TableName(None, name))


SQLITE = Server("legacy", "sqlite")


def one(name: str, kind: str, declared: str, target: str, *values: str, **more: Any) -> Case:
    """A table of SQLite's with a value each row; the first one is harmless."""
    rows = ", ".join(f"({number}, {text})" for number, text in enumerate(values, 1))
    case = {part: more.pop(part) for part in ("refused", "column", "beforehand") if part in more}
    shape = {
        part: more.pop(part)
        for part in ("required", "options", "enum", "expression", "sources")
        if part in more
    }
    return Case(
        read(name, value(target, **shape), server=SQLITE, **more),
        kind,
        (f"CREATE TABLE {name} (id INTEGER PRIMARY KEY, v {declared})", f"INSERT INTO {name} VALUES {rows}"),
        **case,
    )


OF_SQLITE = (
    one("words", "text in a number", "INTEGER", "integer", "1", "'one'"),
    one("february", "impossible date", "TEXT", "date", "'2020-02-28'", "'2020-02-31'"),
    one("zeros", "impossible date", "TEXT", "date", "'2020-02-28'", "'0000-00-00'"),
    one("someday", "not a date", "TEXT", "date", "'2020-02-28'", "'soon'"),
    one("long", "too long", "TEXT", "character varying(3)", "'abc'", "'abcd'"),
    one("wide", "out of range", "INTEGER", "smallint", "1", "99999"),
    one("large", "out of range", "REAL", "numeric(5,2)", "1", "123456.5"),
    one("fine_print", "too precise", "REAL", "numeric(5,2)", "1.25", "1.125"),
    one("half", "too precise", "REAL", "integer", "1", "1.5"),
    one("nul", "NUL character", "TEXT", "text", "'a'", "'a' || char(0) || 'b'"),
    one("broken", "invalid text", "TEXT", "text", "'a'", "CAST(x'41ff' AS TEXT)"),
    one("binary", "bytes in text", "TEXT", "text", "'a'", "x'4142'"),
    one("absent", "NULL where required", "TEXT", "text", "'a'", "NULL", required=True),
    one(
        "zone",
        "time zone",
        "TEXT",
        "timestamp with time zone",
        "'2020-01-01 00:00:00+01'",
        "'2020-01-01 00:00:00'",
    ),
    one("listed", "breaks a rule", "TEXT", "text", "'a'", "'c'", enum=("a", "b")),
    one("limited", "breaks a rule", "INTEGER", "integer", "1", "11", options={"maximum": 10}),
    one(
        "made",
        "expression fails",
        "TEXT",
        "integer",
        "'1'",
        "'x'",
        expression="CAST(v AS INTEGER)",
        sources=(),
    ),
    one("odd", "misfit", "TEXT", "uuid", "'00000000-0000-0000-0000-000000000000'", "'u'"),
    one("gone", "does not fit its source", "TEXT", "text", "'a'", sources=("w",), column=None),
    one(
        "other",
        "differs from the target",
        "TEXT",
        "text",
        "'a'",
        column=None,
        beforehand=("CREATE TABLE other (id integer PRIMARY KEY, v date)",),
    ),
    one("unknown", "differs from the target", "TEXT", "nosuchtype", "'a'", column=None),
    one("nonsense", "does not fit its source", "TEXT", "text", "'a'", where="nosuchcolumn > 1"),
    one(
        "misspelt",
        "does not fit its source",
        "TEXT",
        "text",
        "'a'",
        expression="nosuchfunction(v)",
        sources=(),
    ),
    Case(read("nowhere", server=SQLITE), "table missing", column=None),
    one("endless", "infinity", "REAL", "double precision", "1", "9e999", refused=False),
    one("doubled", "duplicate key", "INTEGER", "integer", "1", "2", "2", unique=(("v",),)),
    one(
        "child",
        "orphan",
        "INTEGER",
        "integer",
        "1",
        "2",
        "7",
        references=(Reference(("v",), "good", ("id",)),),
    ),
    one(
        "orphaned",
        "parent refused",
        "INTEGER",
        "integer",
        "1",
        references=(Reference(("v",), "words", ("id",)),),
        column=None,
    ),
    one(
        "apples",
        "reference of unlike types",
        "TEXT",
        "text",
        "'1'",
        references=(Reference(("v",), "good", ("id",)),),
    ),
    one("good", "", "INTEGER", "integer", "1", "2", column=None, refused=False),
)

MYSQL = Server("legacy", "mysql")


def of_mysql(name: str, kind: str, declared: str, target: str, *values: str, **more: Any) -> Case:
    made = one(name, kind, declared, target, *values, **more)
    first = f"CREATE TABLE {name} (id INT PRIMARY KEY, v {declared}) CHARACTER SET utf8mb4"
    return replace(
        made, contract=replace(made.contract, source=MYSQL), statements=(first, made.statements[1])
    )


OF_MYSQL = (
    of_mysql("zeros", "zero date", "date", "date", "'2020-02-28'", "'0000-00-00'"),
    of_mysql(
        "zeros_at_noon",
        "zero date",
        "datetime",
        "timestamp without time zone",
        "'2020-02-28'",
        "'0000-00-00'",
    ),
    of_mysql("february", "impossible date", "date", "date", "'2020-02-28'", "'2020-02-31'"),
    of_mysql(
        "forgiven",
        "zero date",
        "date",
        "date",
        "'2020-02-28'",
        "'0000-00-00'",
        zero_dates="as_null",
        refused=False,
    ),
    of_mysql("nul", "NUL character", "varchar(20)", "text", "'a'", "CONCAT('a', CHAR(0))"),
    of_mysql("undefined", "invalid text", "varchar(20) CHARACTER SET cp1257", "text", "'a'", "X'41a1'"),
    of_mysql("huge", "out of range", "bigint unsigned", "bigint", "1", "18446744073709551615"),
    of_mysql("lengthy", "too long", "varchar(20)", "character varying(3)", "'abc'", "'abcd'"),
    of_mysql("fine_print", "too precise", "decimal(8,4)", "numeric(6,2)", "1.25", "1.125"),
    of_mysql("a_day_long", "out of range", "time", "time without time zone", "'10:00:00'", "'100:00:00'"),
    of_mysql("absent", "NULL where required", "varchar(20)", "text", "'a'", "NULL", required=True),
    of_mysql(
        "by_case",
        "orphan",
        "varchar(5)",
        "character varying(5)",
        "'A'",
        "'a'",
        references=(Reference(("v",), "letters", ("v",)),),
    ),
    of_mysql(
        "letters",
        "",
        "varchar(5) UNIQUE",
        "character varying(5)",
        "'A'",
        unique=(("v",),),
        column=None,
        refused=False,
    ),
)

POSTGRES = Server("legacy", "postgres")


def of_postgres(name: str, kind: str, declared: str, target: str, *values: str, **more: Any) -> Case:
    made = one(name, kind, declared, target, *values, **more)
    return replace(made, contract=replace(made.contract, source=POSTGRES))


OF_POSTGRES = (
    of_postgres("wide", "out of range", "integer", "smallint", "1", "99999"),
    of_postgres("words", "text in a number", "text", "integer", "'1'", "'one'"),
    of_postgres("long", "too long", "text", "character varying(3)", "'abc'", "'abcd'"),
    of_postgres("fine_print", "too precise", "numeric", "numeric(6,2)", "1.25", "1.125"),
    of_postgres(
        "seconds",
        "too precise",
        "timestamp(6)",
        "timestamp(0) without time zone",
        "'2020-01-01'",
        "'2020-01-01 00:00:00.5'",
    ),
    of_postgres("absent", "NULL where required", "text", "text", "'a'", "NULL", required=True),
    of_postgres("for_ever", "infinity", "date", "date", "'2020-01-01'", "'infinity'", refused=False),
    of_postgres("endless", "infinity", "float8", "double precision", "1", "'-Infinity'", refused=False),
    of_postgres("none", "not a number", "numeric(5,2)", "numeric(5,2)", "1", "'NaN'", refused=False),
    of_postgres("doubled", "duplicate key", "integer", "integer", "1", "2", "2", unique=(("v",),)),
    of_postgres(
        "child", "orphan", "integer", "integer", "1", "7", references=(Reference(("v",), "good", ("id",)),)
    ),
    of_postgres("good", "", "integer", "integer", "1", "2", column=None, refused=False),
)
