"""A private MariaDB that keeps its data; started where its programs are installed."""

import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pymysql

USER = PASSWORD = "bench"
#: of a server on a port of this machine alone
SETTINGS = (
    "--bind-address=127.0.0.1",
    "--skip-name-resolve",
    "--local-infile=1",
    "--innodb-buffer-pool-size=512M",
    "--innodb-flush-log-at-trx-commit=0",
)


def missing() -> str:
    """Why none can be started here; empty where one can."""
    absent = [name for name in ("mariadbd", "mariadb-install-db") if not _found(name)]
    return f"{', '.join(absent)} not installed (Debian: mariadb-server)" if absent else ""


@contextmanager
def running(folder: Path) -> Generator[str]:
    """The server with its data in that folder, made where it is missing; its URL names no database."""
    data = folder / "data"
    if not (data / "mysql").is_dir():
        _install(folder, data)
    port = _free_port()
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(_command(folder, data, port), stdout=log, stderr=log)
    try:
        _await(port, process, folder)
        yield f"mysql://{USER}:{PASSWORD}@127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(120)


def _install(folder: Path, data: Path) -> None:
    shutil.rmtree(data, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        [
            _found("mariadb-install-db") or "",
            "--no-defaults",
            f"--datadir={data}",
            f"--user={getpass.getuser()}",
            "--auth-root-authentication-method=socket",
            "--skip-test-db",
        ],
        check=True,
        capture_output=True,
    )
    (folder / "users.sql").write_text(
        f"CREATE USER IF NOT EXISTS '{USER}'@'%' IDENTIFIED BY '{PASSWORD}';\n"
        f"GRANT ALL PRIVILEGES ON *.* TO '{USER}'@'%';\n"
    )


def _command(folder: Path, data: Path, port: int) -> list[str]:
    return [
        _found("mariadbd") or "",
        "--no-defaults",
        f"--datadir={data}",
        f"--socket={data / 'socket'}",
        f"--pid-file={folder / 'pid'}",
        f"--init-file={folder / 'users.sql'}",
        f"--user={getpass.getuser()}",
        f"--port={port}",
        *SETTINGS,
    ]


def _found(program: str) -> str | None:
    return shutil.which(program, path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"]))


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _await(port: int, process: "subprocess.Popen[bytes]", folder: Path) -> None:
    for _ in range(600):
        try:
            pymysql.connect(host="127.0.0.1", port=port, user=USER, password=PASSWORD).close()
        except pymysql.Error:
            if process.poll() is not None:
                break
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"MariaDB did not start; {folder / 'log'} says why.")
