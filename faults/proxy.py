"""A TCP proxy that breaks connections: after so many bytes, or around a COMMIT of PostgreSQL."""

import select
import socket
import struct
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal

#: a simple query of PostgreSQL's protocol: Q, its length, its text
COMMIT = b"Q\x00\x00\x00\x0bCOMMIT\x00"
#: what the driver sends before the load's own COMMIT, and before no other
LEDGER = b"INSERT INTO migration.load"
PIECE = 1 << 16

Direction = Literal["up", "down"]
Address = str | tuple[str, int]


@dataclass
class Rules:
    """What the proxy does next; changed while it runs."""

    #: bytes that still pass towards the server, or from it, before the connection is cut; None: all
    left: dict[Direction, int | None] = field(default_factory=lambda: {"up": None, "down": None})
    #: the same again for each further connection, where it is not done once
    again: dict[Direction, int | None] = field(default_factory=lambda: {"up": None, "down": None})
    #: which COMMIT is broken, counted from 1; 0: none. -1: the one of a load
    commit: int = 0
    #: the COMMIT itself is lost, or only the answer to it
    loses: Literal["commit", "answer"] = "answer"
    #: after the broken COMMIT nobody is let in any more
    shuts: bool = False
    refuses: bool = False


@dataclass
class Passed:
    """What went through."""

    up: int = 0
    down: int = 0
    cuts: int = 0
    commits: int = 0


class Proxy:
    def __init__(self, address: Address) -> None:
        self._address = address
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.rules = Rules()
        self.passed = Passed()
        self._pairs: set[_Pair] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def heal(self) -> None:
        """From now on everything passes."""
        with self._lock:
            self.rules = Rules()

    def close(self) -> None:
        self._listener.close()
        for pair in list(self._pairs):
            pair.cut()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self.rules.refuses:
                _reset(client)
                continue
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        try:
            server = self._connected()
        except OSError:
            _reset(client)
            return
        pair = _Pair(client, server)
        self._pairs.add(pair)
        try:
            while self._passed(pair):
                pass
        except (OSError, ValueError):
            # broken, or closed by the proxy's own end
            pass
        finally:
            pair.cut() if pair.broken else pair.close()
            self._pairs.discard(pair)

    def _connected(self) -> socket.socket:
        if isinstance(self._address, tuple):
            return socket.create_connection(self._address, 5)
        server = socket.socket(socket.AF_UNIX)
        server.connect(self._address)
        return server

    def _passed(self, pair: "_Pair") -> bool:
        """Whether the connection goes on after the next pieces."""
        readable, _, _ = select.select([pair.client, pair.server], [], [], 1.0)
        for one in readable:
            up = one is pair.client
            piece = one.recv(PIECE)
            if not piece:
                return False
            if not self._forwarded(pair, piece, "up" if up else "down"):
                pair.broken = True
                return False
        return True

    def _forwarded(self, pair: "_Pair", piece: bytes, direction: Direction) -> bool:
        to = pair.server if direction == "up" else pair.client
        if direction == "up" and not self._committed(pair, piece):
            return False
        with self._lock:
            left = self.rules.left[direction]
            if left is not None and left <= len(piece):
                self.rules.left[direction] = self.rules.again[direction]
                self.passed.cuts += 1
                piece, cut = piece[:left], True
            else:
                cut = False
                if left is not None:
                    self.rules.left[direction] = left - len(piece)
            if direction == "up":
                self.passed.up += len(piece)
            else:
                self.passed.down += len(piece)
        to.sendall(piece)
        return not cut

    def _committed(self, pair: "_Pair", piece: bytes) -> bool:
        """Whether the piece may go on its usual way; a COMMIT that is to be broken goes none, or another."""
        if LEDGER in piece:
            pair.loads = True
        if COMMIT not in piece:
            return True
        with self._lock:
            self.passed.commits += 1
            rules = self.rules
            meant = pair.loads if rules.commit == -1 else rules.commit == self.passed.commits
            pair.loads = False
            if not meant:
                return True
            rules.commit, rules.refuses = 0, rules.shuts
            self.passed.cuts += 1
        if rules.loses == "answer":
            pair.server.sendall(piece)
            pair.server.settimeout(20)
            with suppress(OSError):
                pair.server.recv(PIECE)
        return False


class _Pair:
    def __init__(self, client: socket.socket, server: socket.socket) -> None:
        self.client, self.server = client, server
        self.loads = self.broken = False

    def cut(self) -> None:
        _reset(self.client)
        _reset(self.server)

    def close(self) -> None:
        self.client.close()
        self.server.close()


def _reset(one: socket.socket) -> None:
    """Closed as by a broken wire: whoever is at the other end gets no good-bye."""
    with suppress(OSError):
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    one.close()


@contextmanager
def proxied(address: Address) -> Generator[Proxy]:
    proxy = Proxy(address)
    try:
        yield proxy
    finally:
        proxy.close()
