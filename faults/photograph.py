"""What must not change in a trial: other partitions, other tables, the source; and what must not stay."""

from collections.abc import Collection, Iterator
from contextlib import closing
from dataclasses import dataclass

from faults.reading import ENGINE, answered, ask
from faults.subjects import Subject
from faults.world import World

RELATIONS = (
    "SELECT n.nspname, c.relname, c.relkind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE n.nspname !~ '^pg_(catalog|toast)' AND n.nspname <> 'information_schema' AND c.relkind <> 'i'"
)
COLUMNS = (
    "SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns"
    " WHERE table_schema = 'old'"
)
SESSIONS = (
    f"SELECT count(*) FROM pg_stat_activity WHERE application_name = '{ENGINE}' AND pid <> pg_backend_pid()"
)
LOCKS = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
PREPARED = "SELECT count(*) FROM pg_prepared_xacts"
LEFT = {"sessions": SESSIONS, "advisory locks": LOCKS, "prepared transactions": PREPARED}
#: rows with the transaction that wrote them: a row that was written again is another one
ROWS = "SELECT coalesce(md5(string_agg(line, E'\\n' ORDER BY line)), '') FROM ({rows}) AS lines"


@dataclass(frozen=True)
class Photograph:
    """Of the target beside some partitions: by place, what is there."""

    rows: dict[str, str]
    ledger: frozenset[tuple[object, ...]]
    relations: frozenset[tuple[object, ...]]


def target(world: World, subject: Subject, partitions: Collection[str]) -> Photograph:
    """Everything but these partitions of the subject."""
    meant = " OR ".join(f"({subject.partitions[one][1]})" for one in partitions)
    with closing(world.target.connect()) as connection:
        rows: dict[str, str] = {}
        for one in world.subjects:
            but = f" WHERE ({meant}) IS NOT TRUE" if one is subject else ""
            lines = f"SELECT t.xmin::text || ' ' || t::text AS line FROM {one.new_table} AS t{but}"
            rows[one.new_table] = answered(connection, ROWS.format(rows=lines))[0][0]
        ledger = answered(
            connection,
            "SELECT l::text, xmin::text FROM migration.load AS l"
            " WHERE contract <> %s OR partition <> ALL (%s)",
            [subject.contract, list(partitions)],
        )
        return Photograph(rows, frozenset(ledger), frozenset(answered(connection, RELATIONS)))


def source(world: World) -> dict[str, object]:
    """All of the old databases: rows with the transactions that wrote them, and columns."""
    with closing(world.source.connect()) as connection:
        found: dict[str, object] = {"columns": frozenset(answered(connection, COLUMNS))}
        found["relations"] = frozenset(answered(connection, RELATIONS))
        for one in world.subjects:
            if one.kind == "postgres":
                lines = f"SELECT t.xmin::text || ' ' || t::text AS line FROM {one.old_table} AS t"
                found[one.old_table] = answered(connection, ROWS.format(rows=lines))[0][0]
    if world.has_mariadb:
        with closing(world.mariadb().connect()) as connection, connection.cursor() as cursor:
            cursor.execute("CHECKSUM TABLE stock")
            found["stock"] = cursor.fetchall()
    return found


def leftovers(world: World) -> Iterator[str]:
    """Sessions, locks and transactions of the engine that are still there."""
    for side in ("target", "source"):
        for what, query in (
            ("sessions", SESSIONS),
            ("advisory locks", LOCKS),
            ("prepared transactions", PREPARED),
        ):
            number = ask(world, side, query)[0][0]
            if number:
                yield f"{number} {what} in the {side}"
