"""The world of the demo: a TPC-H shop of a scale, in an old database, and an empty new one beside it."""

import hashlib
import shutil
import subprocess
import sys
from importlib import resources
from pathlib import Path

from psycopg2 import sql

from migration_assets.demo.server import LocalServer, connected
from migration_assets.errors import MigrationError

TABLES = ("region", "nation", "supplier", "customer", "part", "partsupp", "orders", "lineitem")
LEGACY, CLOUD = "legacy", "cloud"


def is_there(server: LocalServer, scale: float) -> bool:
    """Whether both databases are there, and the old one is whole and of that scale."""
    if not (server.has(LEGACY) and server.has(CLOUD)):
        return False
    with connected(server.url(LEGACY)) as cursor:
        cursor.execute(
            "SELECT shobj_description(oid, 'pg_database') = %s FROM pg_database WHERE datname = %s",
            (_seal(scale), LEGACY),
        )
        return cursor.fetchone() == (True,)


def make(server: LocalServer, scale: float, files: Path) -> None:
    """Makes both databases anew, whatever was in them.

    `files` is where the generator writes; it is empty again once its rows are in the database.
    """
    for database in (LEGACY, CLOUD):
        server.drop(database)
        server.create(database)
    _generate(scale, files)
    _load(server.url(LEGACY), files, _seal(scale))
    shutil.rmtree(files)


def _seal(scale: float) -> str:
    """What the legacy database is marked with, in the transaction that makes it."""
    made_by = hashlib.sha256((_sql("tpch.sql") + _sql("legacy.sql")).encode()).hexdigest()
    return f"TPC-H shop of scale {scale:g}, made by {made_by[:12]}"


def _generate(scale: float, files: Path) -> None:
    shutil.rmtree(files, ignore_errors=True)
    files.mkdir(parents=True)
    program = shutil.which("tpchgen-cli", path=str(Path(sys.executable).parent)) or "tpchgen-cli"
    command = [program, "csv", "--scale-factor", f"{scale:g}", "--output-dir", str(files), "--quiet"]
    try:
        subprocess.run(command, check=True, capture_output=True, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError) as error:
        raise MigrationError(
            f"tpchgen-cli could not make a shop of scale {scale:g} ({type(error).__name__}).",
            advice="Run `make setup`; a scale is a number above 0, such as 0.05.",
        ) from None


def _load(url: str, files: Path, seal: str) -> None:
    with connected(url, transaction=True) as cursor:
        cursor.execute(_sql("tpch.sql"))
        for table in TABLES:
            copy = sql.SQL("COPY {} FROM STDIN (FORMAT csv, HEADER)").format(sql.Identifier(table))
            with (files / f"{table}.csv").open("rb") as rows:
                cursor.copy_expert(copy, rows)
        cursor.execute(_sql("legacy.sql"))
        cursor.execute(sql.SQL("COMMENT ON DATABASE {} IS %s").format(sql.Identifier(LEGACY)), (seal,))
    with connected(url) as cursor:
        cursor.execute("ANALYZE")  # or the first plan of key ranges would wait for autovacuum


def _sql(name: str) -> str:
    return (resources.files("migration_assets.demo") / name).read_text(encoding="utf-8")
