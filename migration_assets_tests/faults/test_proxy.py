"""The proxy: bytes pass, and the connection is cut where it was asked for."""

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

import psycopg2
import pytest

from faults.proxy import proxied
from faults.world import World


@pytest.fixture
def echo() -> Iterator[tuple[str, int]]:
    listener = socket.create_server(("127.0.0.1", 0))

    def serve(client: socket.socket) -> None:
        with client, suppress(ConnectionError):
            while piece := client.recv(100):
                client.sendall(piece)

    def accept() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(client,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    yield ("127.0.0.1", int(listener.getsockname()[1]))
    listener.close()


def passed(port: int, piece: bytes) -> bytes:
    """What comes back until the connection ends or all has come."""
    found = b""
    with socket.create_connection(("127.0.0.1", port), 5) as client:
        try:
            client.sendall(piece)
            while len(found) < len(piece) and (more := client.recv(100)):
                found += more
        except ConnectionError:
            pass
    return found


@pytest.mark.parametrize("direction", ["up", "down"])
def test_a_connection_is_cut_after_so_many_bytes_and_the_next_one_is_not(
    echo: tuple[str, int], direction: str
) -> None:
    with proxied(echo) as proxy:
        proxy.rules.left["up" if direction == "up" else "down"] = 5
        assert len(passed(proxy.port, b"0123456789")) <= 5
        assert passed(proxy.port, b"0123456789") == b"0123456789"
        assert proxy.passed.cuts == 1


def test_every_connection_is_cut_where_that_was_asked_for(echo: tuple[str, int]) -> None:
    with proxied(echo) as proxy:
        proxy.rules.left["down"] = proxy.rules.again["down"] = 5
        assert all(len(passed(proxy.port, b"0123456789")) <= 5 for _ in range(3))
        proxy.heal()
        assert passed(proxy.port, b"0123456789") == b"0123456789"


@pytest.mark.parametrize(("loses", "there"), [("answer", 1), ("commit", 0)])
def test_a_commit_is_lost_on_its_way_or_only_its_answer(world: World, loses: str, there: int) -> None:
    with proxied(world.target.address) as proxy:
        proxy.rules.commit, proxy.rules.loses = 1, "answer" if loses == "answer" else "commit"
        connection = psycopg2.connect(world.target.behind(proxy.port))
        connection.cursor().execute("CREATE TABLE public.sent (id int)")
        with pytest.raises(psycopg2.OperationalError):
            connection.commit()
        connection.close()
    seen = world.target.connect()
    cursor = seen.cursor()
    cursor.execute("SELECT count(*) FROM pg_class WHERE relname = 'sent'")
    assert cursor.fetchone() == (there,)
    cursor.execute("DROP TABLE IF EXISTS public.sent")
    seen.close()
