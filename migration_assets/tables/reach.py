"""How a contract's target is reached: its connections, within what its server bears."""

from collections.abc import Generator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from functools import cached_property

from psycopg2 import extensions

from migration_assets.contracts.model import Contract
from migration_assets.ledger import postgres as ledger
from migration_assets.stores.connections import url_of
from migration_assets.stores.postgres import connect
from migration_assets.tables.throttle import Throttle
from migration_assets.tables.throttle_flow import Flow


@dataclass(frozen=True)
class Reach:
    """Nothing is opened before it is asked for."""

    contract: Contract
    environment: Mapping[str, str]

    @cached_property
    def throttle(self) -> Throttle:
        return Throttle(self.contract.name, self.contract.source, self.contract.target, self.connect)

    @property
    def url(self) -> str:
        return url_of(self.contract.target, self.environment)

    def connect(self) -> extensions.connection:
        """A connection that no limit counts."""
        return connect(self.contract.target, self.url)

    @contextmanager
    def target(self) -> Generator[extensions.connection]:
        """A connection in its turn."""
        with self.throttle.slot(self.contract.target), closing(self.connect()) as connection:
            self.throttle.look(connection)
            yield connection

    def flow(self, run_id: str) -> AbstractContextManager[Flow]:
        """Of the rows that go there."""
        return self.throttle.flow(self.contract.target, self.url, run_id)

    def next_generation(self, connection: extensions.connection, partition: str) -> int:
        with connection, connection.cursor() as cursor:
            there = ledger.is_there(cursor)
            newest = ledger.latest(cursor, self.contract.name, partition) if there else None
        return newest.generation + 1 if newest else 1
