"""Throttle: what the process of a run may take from and give to its servers, as all runs share it.

The limits, and what was moved against them, are in the target's ledger; the slots for connections are
advisory locks there. So nothing is left behind by a process that was killed."""

import logging
import random
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from typing import TypeVar

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812

from migration_assets.contracts.limits import NO_LIMITS, Limits
from migration_assets.contracts.model import Server
from migration_assets.errors import MigrationError, Passing
from migration_assets.ledger import limits as ledger_limits
from migration_assets.ledger import slots
from migration_assets.stores.postgres import APPLICATION, classify
from migration_assets.tables.throttle_flow import Flow

#: seconds after which limits are looked at again
REFRESH = 2.0
#: seconds that a slot for a connection is waited for, and between two looks
SLOT_PATIENCE = 1800.0
SLOT_LOOKS = 0.1, 0.6

#: the throttle is never what hangs
_SETTINGS = {"lock_timeout": "10s", "statement_timeout": "15s", "synchronous_commit": "off"}
_LOG = logging.getLogger("migration_assets.throttle")

Answer = TypeVar("Answer")


class Throttle:
    """Of one process; `connect` opens a connection to the ledger, which is only kept while in use."""

    def __init__(
        self, contract: str, source: Server, target: Server, connect: Callable[[], Connection]
    ) -> None:
        self._contract = contract
        self._name = APPLICATION
        self._servers = {source.name: source, target.name: target}
        self._connect = connect
        self._connection: Connection | None = None
        self._users = 0
        self._said: dict[str, Limits] = {}
        self._is_there = False
        self._looked = -REFRESH
        self._slots: dict[str, set[int]] = {name: set() for name in self._servers}

    def limits(self, server: Server) -> Limits:
        """What limits the server, as it was when it was last looked at."""
        return self._said.get(server.name, NO_LIMITS).over(server.limits).holding()

    @property
    def is_due(self) -> bool:
        """Whether the limits were looked at too long ago."""
        return time.monotonic() - self._looked >= REFRESH

    def look(self, connection: Connection) -> None:
        """Looks at the limits by a connection that is open anyway, if it will soon be time to."""
        if time.monotonic() - self._looked >= REFRESH / 2:
            try:
                self._look(connection)
            except psycopg2.Error as error:
                raise classify(error) from None

    def refresh(self) -> None:
        """Looks at the limits by a connection of its own, if it is time to."""
        if self.is_due:
            self._looked = time.monotonic()  # also where that fails: a lost ledger is not asked every time
            self.ask(self._look)

    def ask(self, question: Callable[[Connection], Answer]) -> Answer:
        """What the ledger answers; MigrationError when it cannot now."""
        try:
            return question(self._own())
        except psycopg2.Error as error:
            self._close()
            raise classify(error) from None

    @contextmanager
    def flow(self, server: Server, url: str, run_id: str) -> Generator[Flow]:
        """What flows from or to the server, held to its limits; Passing when it stays too busy."""
        self._name = f"{APPLICATION} run {run_id[:8]} {self._contract}"[:63]
        with self._used():
            self.refresh()
            flow = Flow(self, server, url)
            flow.back_off()
            yield flow
            flow.settle()

    @contextmanager
    def slot(self, server: Server) -> Generator[None]:
        """A slot for one connection to the server, where these are limited; Passing when none gets free."""
        if not self.limits(server).connections:
            yield
            return
        with self._used():
            slot = self._waited_for(server)
            try:
                yield
            finally:
                if slot is not None:
                    self._slots[server.name].discard(slot)
                    with suppress(MigrationError):
                        self.ask(lambda own: slots.give_back(own, server.name, slot))

    def _waited_for(self, server: Server) -> int | None:
        """A slot, or None when the limit was lifted meanwhile."""
        held = self._slots[server.name]
        started = time.monotonic()
        while most := self.limits(server).connections:
            slot = self._tried(server, most)
            if slot is not None:
                held.add(slot)
                return slot
            if time.monotonic() - started > SLOT_PATIENCE:
                raise self._none_free(server, most)
            time.sleep(random.uniform(*SLOT_LOOKS))
            self.refresh()
        return None

    def _tried(self, server: Server, most: int) -> int | None:
        return self.ask(lambda own: slots.take(own, server.name, most, self._slots[server.name]))

    def _none_free(self, server: Server, most: int) -> Passing:
        found = self.ask(lambda own: slots.holders(own, server.name, most))
        holders = ", ".join(map(str, found)) or "nobody any more"
        return Passing(
            f"For {SLOT_PATIENCE:.0f} s no connection to {server.name} was free. Its limit is {most} at "
            f"once, and these have them: {holders}.",
            advice=f"Ask for those runs, or raise the limit: `migrate limits {server.name} --connections N`.",
            cause="slots",
        )

    def _look(self, connection: Connection) -> None:
        self._is_there = self._is_there or ledger_limits.is_there(connection)
        self._said = ledger_limits.said(connection, self._servers) if self._is_there else {}
        self._looked = time.monotonic()

    @contextmanager
    def _used(self) -> Generator[None]:
        self._users += 1
        try:
            yield
        finally:
            self._users -= 1
            if not self._users:
                self._close()

    def _own(self) -> Connection:
        if self._connection is None or self._connection.closed:
            self._connection = self._connect()
            self._settle(self._connection)
        return self._connection

    def _settle(self, connection: Connection) -> None:
        connection.autocommit = True
        settings = _SETTINGS | {"application_name": self._name}
        with connection.cursor() as cursor:
            for name, value in settings.items():
                cursor.execute("SELECT set_config(%s, %s, false)", [name, value])
        if not self._is_there and any(server.limits != NO_LIMITS for server in self._servers.values()):
            ledger_limits.prepare(connection)
        for server, held in self._slots.items():
            for slot in held:  # they went with the connection that was lost
                slots.take(connection, server, slot, range(1, slot))

    def _close(self) -> None:
        if self._connection is not None:
            with suppress(psycopg2.Error):
                self._connection.close()
            self._connection = None
