"""A private MariaDB for the tests that need one, or the server that `TEST_MYSQL_URL` names."""

import getpass
import itertools
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pymysql
import pytest
from pymysql.connections import Connection

#: the name, another one of 127.0.0.1, that the private server's certificate is for
CERTIFIED = "127.1"
USER, PASSWORD = "tester", "a pass/word"
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def mysql_server() -> Iterator[str]:
    """URL, without a database, of an account that may do all: `TEST_MYSQL_URL`, or a private server's."""
    given = os.environ.get("TEST_MYSQL_URL")
    if given:
        yield given.rstrip("/")
        return
    install, daemon = _found("mariadb-install-db"), _found("mariadbd")
    if not install or not daemon:
        pytest.skip("MariaDB is not installed (mariadbd, mariadb-install-db) and TEST_MYSQL_URL is not set")
    # the path of a socket must be short
    folder = Path(tempfile.mkdtemp(prefix="mariadb-"))
    process = None
    try:
        _install(install, folder)
        port = _free_port()
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(_command(daemon, folder, port), stdout=log, stderr=log)
        url = f"mysql://{USER}:a%20pass%2Fword@127.0.0.1:{port}"
        _await(url, process, folder)
        yield url
    finally:
        if process is not None:
            process.terminate()
            process.wait(60)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def new_mysql_database(mysql_server: str) -> Iterator[Callable[[str], str]]:
    """Makes an empty database and returns its URL; all of them are dropped afterwards."""
    made: list[str] = []

    def make(purpose: str) -> str:
        name = f"{purpose}_{os.getpid()}_{next(_numbers)}"
        run(mysql_server, f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4")
        made.append(name)
        return f"{mysql_server}/{name}"

    yield make
    for name in made:
        run(mysql_server, f"DROP DATABASE `{name}`")


def connected(url: str) -> "Connection[tuple[object, ...]]":
    """The test's own connection, for writing; each statement is its own transaction."""
    parts = urlsplit(url)
    return pymysql.connect(
        host=parts.hostname,
        port=parts.port or 3306,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        database=parts.path.strip("/") or None,
        charset="utf8mb4",
        autocommit=True,
    )


def run(url: str, *statements: str) -> None:
    connection = connected(url)
    try:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
    finally:
        connection.close()


def _found(program: str) -> str | None:
    return shutil.which(
        program, path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
    )


def _install(install: str, folder: Path) -> None:
    subprocess.run(
        [
            install,
            "--no-defaults",
            f"--datadir={folder / 'data'}",
            f"--user={getpass.getuser()}",
            "--auth-root-authentication-method=socket",
            "--skip-test-db",
        ],
        check=True,
        capture_output=True,
    )
    (folder / "users.sql").write_text(
        f"CREATE USER '{USER}'@'%' IDENTIFIED BY '{PASSWORD}';\n"
        f"GRANT ALL PRIVILEGES ON *.* TO '{USER}'@'%' WITH GRANT OPTION;\n"
    )


def _command(daemon: str, folder: Path, port: int) -> list[str]:
    return [
        daemon,
        "--no-defaults",
        f"--datadir={folder / 'data'}",
        f"--socket={folder / 'socket'}",
        f"--pid-file={folder / 'pid'}",
        f"--init-file={folder / 'users.sql'}",
        f"--user={getpass.getuser()}",
        f"--port={port}",
        "--bind-address=127.0.0.1",
        "--skip-name-resolve",
        "--server-id=1",
        "--log-bin=log-bin",
        "--innodb-buffer-pool-size=64M",
        "--innodb-flush-log-at-trx-commit=0",
        *_certificate(folder),
    ]


def _certificate(folder: Path) -> list[str]:
    """An authority, and a certificate of it, where they can be made."""
    openssl = shutil.which("openssl")
    if openssl is None:
        return []
    made = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    authority, key, certificate = folder / "ca.pem", folder / "key.pem", folder / "certificate.pem"
    run = {"check": True, "capture_output": True}
    subprocess.run(
        [*made, "-subj", "/CN=the authority of a test", "-keyout", folder / "ca.key", "-out", authority],
        **run,
    )
    subprocess.run(
        [
            *made,
            *("-subj", "/CN=a server of a test", "-addext", f"subjectAltName=DNS:{CERTIFIED}"),
            *("-addext", "basicConstraints=critical,CA:FALSE"),
            *("-CA", authority, "-CAkey", folder / "ca.key", "-keyout", key, "-out", certificate),
        ],
        **run,
    )
    return [f"--ssl-ca={authority}", f"--ssl-cert={certificate}", f"--ssl-key={key}"]


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _await(url: str, process: "subprocess.Popen[bytes]", folder: Path) -> None:
    for _ in range(300):
        try:
            connected(url).close()
        except pymysql.Error:
            if process.poll() is not None:
                break
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"MariaDB did not start:\n{(folder / 'log').read_text(errors='replace')[-2000:]}")
