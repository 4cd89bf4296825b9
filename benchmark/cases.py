"""Cases: what is moved, from which engine, by which contract."""

from dataclasses import dataclass
from typing import Literal

Engine = Literal["postgres", "mariadb", "sqlite"]

#: databases' schema of the tables, in source and target
SCHEMA = "tpch"


@dataclass(frozen=True)
class Case:
    """One table on one way; `name` is also the folder of its contract."""

    name: str
    engine: Engine
    table: str
    #: whether the contract has expressions, which no peer is asked to do
    mapped: bool = False
    #: False: a handful of hard values, of which only what became of them counts
    timed: bool = True


CASES: dict[str, Case] = {
    case.name: case
    for case in (
        Case("postgres_identity", "postgres", "lineitem"),
        Case("postgres_mapping", "postgres", "lineitem", mapped=True),
        Case("mariadb_identity", "mariadb", "lineitem"),
        Case("sqlite_identity", "sqlite", "lineitem"),
        Case("fragile", "postgres", "fragile", timed=False),
        Case("nasty", "postgres", "nasty", timed=False),
    )
}
