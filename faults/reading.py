"""The independent reading of both databases: the suite's own SQL, values as text, rows as a multiset."""

import hashlib
from collections import Counter
from collections.abc import Collection, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from psycopg2 import extensions

from faults.subjects import Subject
from faults.world import World

Row = tuple[str | None, ...]
Rows = Counter[Row]

#: what the engine's own sessions are called
ENGINE = "migration-assets"
LEDGER = (
    "SELECT generation, run_id, extracted, loaded, quarantined, state, staged, xmin::text, fingerprint"
    " FROM migration.load WHERE contract = %s AND partition = %s ORDER BY generation"
)


@dataclass(frozen=True)
class Load:
    """A row of the ledger."""

    generation: int
    run_id: str
    extracted: int
    loaded: int
    quarantined: int
    state: str
    staged: str
    xmin: str
    fingerprint: str


@dataclass(frozen=True)
class State:
    """What a partition of the source is at one moment, and what has to become of it."""

    #: all rows of it, bad ones too
    read: int
    loaded: Rows
    #: keys of the rows that are set aside
    aside: frozenset[str]

    @property
    def digest(self) -> str:
        return digest(self.loaded)


def digest(rows: Rows) -> str:
    """The same for the same rows, in whatever order."""
    lines = sorted(repr(item) for item in rows.items())
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def ask(world: World, side: str, query: str, values: Sequence[Any] | None = None) -> list[tuple[Any, ...]]:
    """Of the `source` or the `target`, on a connection of its own."""
    with closing((world.source if side == "source" else world.target).connect()) as connection:
        return answered(connection, query, values)


def answered(
    connection: extensions.connection, query: str, values: Sequence[Any] | None = None
) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall() if cursor.description else []


def wanted(world: World, subject: Subject, partition: str, people: Collection[str] | None = None) -> State:
    """What the source's partition has to become now; `people` are the parents that are in the target."""
    if subject.kind == "mariadb":
        with closing(world.mariadb().connect()) as connection, connection.cursor() as cursor:
            cursor.execute(wanted_query(subject, partition))
            return sorted_out(subject, list(cursor.fetchall()), people)
    if subject.refers is not None and people is None:
        people = parents(world)
    return sorted_out(subject, ask(world, "source", wanted_query(subject, partition)), people)


def wanted_query(subject: Subject, partition: str) -> str:
    return (
        f"SELECT {subject.good}, {', '.join(subject.old)} FROM {subject.old_table}"
        f" WHERE {subject.partitions[partition][0]}"
    )


def sorted_out(subject: Subject, rows: Sequence[Sequence[Any]], people: Collection[str] | None) -> State:
    """Rows that begin with whether they are good, parted into those that arrive and those set aside."""
    loaded: Rows = Counter()
    aside: set[str] = set()
    for good, *values in rows:
        row: Row = tuple(values)
        orphan = subject.refers is not None and row[subject.refers] is not None
        if not good or (orphan and people is not None and row[subject.refers or 0] not in people):
            aside.add(f"{subject.key}={row[0]}")
        else:
            loaded[row] += 1
    return State(len(rows), loaded, frozenset(aside))


def parents(world: World) -> frozenset[str]:
    return frozenset(row[0] for row in ask(world, "target", "SELECT id::text FROM new.people"))


def there_query(subject: Subject, partitions: Collection[str]) -> str:
    meant = " OR ".join(f"({subject.partitions[partition][1]})" for partition in partitions)
    return f"SELECT {', '.join(subject.new)} FROM {subject.new_table} WHERE {meant}"


def there(world: World, subject: Subject, partition: str) -> Rows:
    """The rows of the partition that are in the target."""
    return Counter(ask(world, "target", there_query(subject, [partition])))


def writers(world: World, subject: Subject, partition: str) -> frozenset[str]:
    """The transactions that wrote the partition's rows, as PostgreSQL numbers them."""
    query = f"SELECT DISTINCT xmin::text FROM {subject.new_table} WHERE {subject.partitions[partition][1]}"
    return frozenset(row[0] for row in ask(world, "target", query))


def ledger(world: World, subject: Subject, partition: str) -> list[Load]:
    return [Load(*row) for row in ask(world, "target", LEDGER, [subject.contract, partition])]


def set_aside(world: World, subject: Subject, partition: str, generation: int) -> list[str]:
    rows = ask(
        world,
        "target",
        "SELECT row_key FROM migration.quarantine WHERE contract = %s AND partition = %s AND generation = %s",
        [subject.contract, partition, generation],
    )
    return [row[0] for row in rows]


def difference(wanted: Rows, found: Rows) -> str:
    """In numbers, never in values: how many rows are missing, and how many are too many."""
    missing, extra = wanted - found, found - wanted
    doubled = sum(1 for row in extra if row in wanted)
    if not missing and not extra:
        return ""
    return f"{missing.total()} rows missing, {extra.total()} too many ({doubled} of them doubled)"
