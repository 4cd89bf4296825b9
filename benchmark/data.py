"""The same rows in each engine: TPC-H's lineitem of a scale, made once and kept."""

import csv
import hashlib
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from urllib.parse import quote

import pymysql
from psycopg2 import extensions, sql

from benchmark.cases import SCHEMA
from migration_assets.demo.server import connected

SQL = Path(__file__).parent / "sql"
TABLE = "lineitem"
#: small tables of hard values, in PostgreSQL alone
HARD = ("fragile", "nasty")


@dataclass(frozen=True)
class Rows:
    """TPC-H's lineitem of a scale, as a file that is made when it is first asked for."""

    scale: float
    folder: Path

    @property
    def name(self) -> str:
        return f"tpch_{f'{self.scale:g}'.replace('.', '_')}"

    @property
    def seal(self) -> str:
        """What says of a source that it is whole; changes with what makes it."""
        made_by = b"".join(file.read_bytes() for file in sorted(SQL.glob("*.sql")))
        return f"{self.name}, made by {hashlib.sha256(made_by).hexdigest()[:12]}"

    def file(self) -> Path:
        found = self.folder / f"{TABLE}.csv"
        if not found.exists():
            program = shutil.which("tpchgen-cli", path=str(Path(sys.executable).parent)) or "tpchgen-cli"
            way = ["--scale-factor", f"{self.scale:g}", "--tables", TABLE, "--output-dir", str(self.folder)]
            self.folder.mkdir(parents=True, exist_ok=True)
            subprocess.run([program, "csv", *way, "--quiet"], check=True, stdin=subprocess.DEVNULL)
        return found

    def forget(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


def statement(name: str, table: Sequence[str] = ()) -> sql.Composed:
    """A file of `sql/`, its table named."""
    return sql.SQL((SQL / f"{name}.sql").read_text(encoding="utf-8")).format(table=sql.Identifier(*table))


def prefix(rows: int) -> str:
    """Name of the copy of the first rows."""
    return f"{TABLE}_{rows}"


def into_postgres(rows: Rows, url: str) -> int:
    """The tables in PostgreSQL, made anew where they are not that scale's; how many rows there are."""
    with connected(url, transaction=True) as cursor:
        cursor.execute("SELECT obj_description(to_regnamespace(%s), 'pg_namespace')", (SCHEMA,))
        if cursor.fetchone() != (rows.seal,):
            cursor.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(SCHEMA)))
            cursor.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(SCHEMA)))
            _fill_postgres(cursor, rows)
    return count(url, TABLE)


def _fill_postgres(cursor: extensions.cursor, rows: Rows) -> None:
    run = cursor.execute
    run(statement(TABLE, (SCHEMA, TABLE)))
    with rows.file().open("rb") as lines:
        copy = sql.SQL("COPY {} FROM STDIN (FORMAT csv, HEADER)").format(sql.Identifier(SCHEMA, TABLE))
        cursor.copy_expert(copy, lines)
    run(_key(TABLE))
    for table in HARD:
        run(statement(table, (SCHEMA, table)))
        run(statement(f"{table}_rows", (SCHEMA, table)))
        run(sql.SQL("ALTER TABLE {} ADD PRIMARY KEY (id)").format(sql.Identifier(SCHEMA, table)))
    run(sql.SQL("COMMENT ON SCHEMA {} IS %s").format(sql.Identifier(SCHEMA)), (rows.seal,))


def _key(table: str) -> sql.Composed:
    return sql.SQL("ALTER TABLE {} ADD PRIMARY KEY (l_orderkey, l_linenumber)").format(
        sql.Identifier(SCHEMA, table)
    )


def first_in_postgres(url: str, number: int) -> None:
    """A copy of the first so many rows, where it is not there."""
    name = sql.Identifier(SCHEMA, prefix(number))
    with connected(url, transaction=True) as cursor:
        cursor.execute("SELECT to_regclass(%s)", (f"{SCHEMA}.{prefix(number)}",))
        if cursor.fetchone() == (None,):
            cursor.execute(statement(TABLE, (SCHEMA, prefix(number))))
            cursor.execute(
                sql.SQL("INSERT INTO {} SELECT * FROM {} ORDER BY l_orderkey, l_linenumber LIMIT %s").format(
                    name, sql.Identifier(SCHEMA, TABLE)
                ),
                (number,),
            )
            cursor.execute(_key(prefix(number)))


def count(url: str, table: str) -> int:
    with connected(url) as cursor:
        cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(SCHEMA, table)))
        found = cursor.fetchone()
    assert found is not None
    return int(found[0])


def settled(url: str) -> None:
    """As a source that has been there for long: hint bits set, statistics taken."""
    with connected(url) as cursor:
        cursor.execute("VACUUM (FREEZE, ANALYZE)")


def into_mariadb(rows: Rows, server: str, first: Iterable[int]) -> str:
    """The URL of the scale's database, made anew where it is not whole."""
    address, port = server.rpartition("@")[2].split(":")
    user, password = server.partition("://")[2].partition("@")[0].split(":")
    connection = pymysql.connect(
        host=address, port=int(port), user=user, password=password, local_infile=True, autocommit=True
    )
    with closing(connection), connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE IF NOT EXISTS {rows.name} CHARACTER SET utf8mb4")
        cursor.execute(f"USE {rows.name}")
        if not cursor.execute("SHOW TABLES LIKE 'whole'"):
            cursor.execute(f"DROP TABLE IF EXISTS {TABLE}")
            cursor.execute((SQL / "lineitem_mariadb.sql").read_text(encoding="utf-8"))
            cursor.execute(
                f"LOAD DATA LOCAL INFILE %s INTO TABLE {TABLE} FIELDS TERMINATED BY ','"
                " OPTIONALLY ENCLOSED BY '\"' ESCAPED BY '' IGNORE 1 LINES",
                (str(rows.file()),),
            )
            cursor.execute("CREATE TABLE whole (seal text)")
        for number in first:
            cursor.execute(f"CREATE TABLE IF NOT EXISTS {prefix(number)} LIKE {TABLE}")
            if not cursor.execute(f"SELECT 1 FROM {prefix(number)} LIMIT 1"):
                cursor.execute(
                    f"INSERT INTO {prefix(number)} SELECT * FROM {TABLE} ORDER BY 1, 4 LIMIT %s", (number,)
                )
        cursor.execute(f"ANALYZE TABLE {TABLE}")
    return f"{server}/{rows.name}"


def into_sqlite(rows: Rows, folder: Path, first: Iterable[int]) -> str:
    """The URL of the scale's file, made anew where it is not there."""
    file = folder / f"{rows.name}.db"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        aside = file.with_suffix(".part")
        aside.unlink(missing_ok=True)
        with closing(sqlite3.connect(aside)) as connection:
            _fill_sqlite(connection, rows)
        aside.rename(file)
    with closing(sqlite3.connect(file)) as connection:
        for number in first:
            ddl = (SQL / "lineitem_sqlite.sql").read_text(encoding="utf-8")
            ddl = ddl.replace(f"TABLE {TABLE}", f"TABLE IF NOT EXISTS {prefix(number)}")
            connection.execute(ddl)
            if not connection.execute(f"SELECT 1 FROM {prefix(number)} LIMIT 1").fetchone():
                connection.execute(
                    f"INSERT INTO {prefix(number)} SELECT * FROM {TABLE} ORDER BY 1, 4 LIMIT ?", (number,)
                )
        connection.commit()
    return f"sqlite:///{quote(str(file.resolve()))}"


def _fill_sqlite(connection: sqlite3.Connection, rows: Rows) -> None:
    connection.execute("PRAGMA journal_mode = OFF")
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute((SQL / "lineitem_sqlite.sql").read_text(encoding="utf-8"))
    marks = ", ".join("?" * 16)
    with rows.file().open(encoding="utf-8", newline="") as lines:
        records = islice(csv.reader(lines), 1, None)
        connection.executemany(f"INSERT INTO {TABLE} VALUES ({marks})", records)
    connection.commit()
