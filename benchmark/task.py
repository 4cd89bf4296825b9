"""Task: what a contender is asked to do in one round."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import quote, unquote, urlsplit

from benchmark.cases import Case
from benchmark.measuring import Command


@dataclass(frozen=True)
class Task:
    """Some rows of a case, from where to where."""

    case: Case
    #: in the source: the case's table, or the copy of its first rows
    table: str
    rows: int
    #: of the case's own engine
    source: str
    #: a PostgreSQL with the same rows
    postgres: str
    target: str
    #: emptied before each round
    folder: Path
    #: the environment in which peers are installed
    peers: Path
    #: the case's contract, with its partitions planned; and Dagster's home
    contracts: Path
    home: Path


class Contender(Protocol):
    """Something that moves a table by one process that it starts."""

    @property
    def name(self) -> str: ...

    # more rows than so many would take too long; None for all
    @property
    def at_most(self) -> int | None: ...

    # whether it makes the target's table; else it finds an empty one without an index
    @property
    def makes_table(self) -> bool: ...

    # what the results say beside the figures
    @property
    def note(self) -> str: ...

    def takes_part(self, case: Case) -> bool: ...

    # why it cannot run here, empty where it can
    def absent(self, peers: Path) -> str: ...

    def command(self, task: Task) -> Command: ...


def by_socket(url: str) -> str:
    """A PostgreSQL URL with the folder of its socket, if that is its host, where the host belongs."""
    parts = urlsplit(url)
    if not parts.query.startswith("host="):
        return url
    host = quote(unquote(parts.query.partition("=")[2]), safe="")
    user = parts.netloc.rpartition("@")[0] or "postgres"
    # some want to see a password, which a socket does not ask for
    login = user if ":" in user else f"{user}:unused"
    return f"{parts.scheme}://{login}@{host}{parts.path}"
