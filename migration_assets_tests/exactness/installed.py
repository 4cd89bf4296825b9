"""A PostgreSQL that the machine has installed: built with XML, and with extensions beside it."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg2
import pytest

PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin")
#: whom the server runs as where the tests run as root, which it refuses
ROLE = "postgres"


@pytest.fixture(scope="session")
def installed_postgres() -> Iterator[str]:
    """URL of the database `postgres` of a private server of the newest installed version."""
    programs = _programs()
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    user = ROLE if os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user)
    server = None
    try:
        _run(
            [programs / "initdb", "-D", folder / "data", "-U", "postgres", "-E", "UTF8", "--locale=C", "-N"],
            user,
        )
        command = [
            programs / "postgres",
            "-D",
            folder / "data",
            "-k",
            folder,
            "-c",
            "listen_addresses=",
            "-F",
        ]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(command, stdout=log, stderr=log, user=user, cwd=folder)
        url = f"postgresql://postgres@/postgres?host={folder}"
        _await(url)
        yield url
    finally:
        if server is not None:
            # fast: does not wait for connections
            server.send_signal(signal.SIGINT)
            server.wait(60)
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path:
    found = [
        folder
        for place in PLACES
        for folder in Path("/").glob(place.removeprefix("/"))
        if (folder / "initdb").exists()
    ]
    if not found:
        pytest.skip("no PostgreSQL server is installed beside the embedded one (initdb)")
    return max(found, key=lambda folder: [int(part) for part in str(folder).split("/") if part.isdigit()])


def _run(command: list[Path | str], user: str | None) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True, user=user, cwd="/")
    except LookupError:
        pytest.skip(f"PostgreSQL does not run as root, and there is no user {ROLE}")


def _await(url: str) -> None:
    for _ in range(100):
        with suppress(psycopg2.OperationalError):
            psycopg2.connect(url).close()
            return
        time.sleep(0.1)
    raise RuntimeError("the installed PostgreSQL did not start")
