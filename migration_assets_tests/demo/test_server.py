import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import psycopg2
import pytest

from migration_assets.demo.server import connected, forget_the_dead, running
from migration_assets.errors import ConnectionRefused


def test_the_server_is_stopped_at_the_end_and_keeps_its_data(folder: Path) -> None:
    data = folder / "a" / "postgres"
    with running(data) as server:
        server.create("kept")
        url = server.url("kept")
        with connected(url) as cursor:
            cursor.execute("CREATE TABLE things AS SELECT 1 AS thing")

    assert not (data / "postmaster.pid").exists()
    with pytest.raises(psycopg2.OperationalError):
        psycopg2.connect(url)
    with running(data) as server:
        assert server.has("kept")
        with connected(server.url("kept")) as cursor:
            cursor.execute("SELECT thing FROM things")
            assert cursor.fetchone() == (1,)
        server.drop("kept")
        assert not server.has("kept")


def test_a_folder_with_a_blank_is_refused_in_words(folder: Path) -> None:
    with pytest.raises(ConnectionRefused, match="blank"), running(folder / "my project" / "postgres"):
        pass


def test_the_server_listens_on_no_address(folder: Path) -> None:
    with running(folder / "postgres") as server, connected(server.url("postgres")) as cursor:
        cursor.execute("SHOW listen_addresses")
        assert cursor.fetchone() == ("",)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may open other people's folders")
def test_folders_on_the_way_do_not_become_readable(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    with running(closed / "project" / "postgres") as server, connected(server.url("postgres")):
        assert stat.S_IMODE(closed.stat().st_mode) == 0o711


def test_a_killed_process_does_not_keep_the_server_running(folder: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    users = folder / "users.json"
    users.write_text(json.dumps([dead.pid, os.getppid(), os.getpid()]))

    forget_the_dead(users)

    assert json.loads(users.read_text()) == [os.getppid()]
