"""What a server says of itself and of the tables that matter here, before anything is judged."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from migration_assets.contracts.model import Server, TableName

#: seconds that a transaction is open until it is called long
LONG = 300


@dataclass(frozen=True)
class Connections:
    """How many connections a server, or what is narrower of role and database, lets in."""

    most: int
    used: int

    @property
    def free(self) -> int:
        return max(0, self.most - self.used)


@dataclass(frozen=True)
class LongTransactions:
    number: int
    #: of the oldest one
    seconds: int
    #: whether those of other roles are seen as well
    all_seen: bool = True


@dataclass(frozen=True)
class Unreadable:
    """A table that the role cannot read whole."""

    table: TableName
    why: str
    #: the statement that helps; empty where the contract has to be corrected
    remedy: str = ""


@dataclass(frozen=True)
class Facts:
    #: PostgreSQL, MariaDB, MySQL, SQLite, or what SQLAlchemy calls it
    engine: str
    version: str
    numbers: tuple[int, ...]
    role: str
    encoding: str
    #: of the server's own sessions; ours are set to UTC
    time_zone: str
    #: whether the server takes no writing at all (a standby, `read_only`)
    standby: bool = False
    #: in the order of the contracts
    unreadable: tuple[Unreadable, ...] = ()
    #: what the role could write to, in words; None where that is not known
    writable: tuple[str, ...] | None = ()
    #: the last two are None where the server does not tell
    connections: Connections | None = None
    long: LongTransactions | None = None
    #: bytes of the database; None where it is not known
    size: int | None = None
    #: the folder of the server's files, where the role may know it
    folder: str | None = None


class SideReader(Protocol):
    """What a database tells of itself, over an open connection."""

    def facts(self, connection: Any, server: Server, url: str, tables: Sequence[TableName]) -> Facts: ...
