"""MySQL and MariaDB, as a source."""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress

from migration_assets.analyzer.catalog.queries import query
from migration_assets.analyzer.preflight.facts import LONG, Connections, Facts, LongTransactions, Unreadable
from migration_assets.contracts.model import Server, TableName
from migration_assets.errors import MigrationError
from migration_assets.tables.sources.mysql_session import Session

#: rights that change no row
_HARMLESS = frozenset(
    {
        *("USAGE", "SELECT", "SHOW VIEW", "SHOW DATABASES", "PROCESS", "REPLICATION CLIENT"),
        *("REPLICATION SLAVE", "BINLOG MONITOR", "SLAVE MONITOR", "REPLICA MONITOR", "LOCK TABLES", "PROXY"),
    }
)
_GRANT = re.compile(r"GRANT (?P<rights>.+?) ON (?P<place>\S+) TO ", re.IGNORECASE)


def facts(connection: Session, server: Server, url: str, tables: Sequence[TableName]) -> Facts:
    del server, url
    version, role, encoding, zone, read_only, most, most_of_user = connection.ask(query("preflight_mysql"))[0]
    used = int(connection.ask("SHOW GLOBAL STATUS LIKE 'Threads_connected'")[0][1])
    grants = [str(row[0]) for row in connection.ask("SHOW GRANTS FOR CURRENT_USER()")]
    limit = min(int(most), int(most_of_user) or int(most))
    return Facts(
        "MariaDB" if connection.is_mariadb else "MySQL",
        str(version).partition("-")[0],
        tuple(int(part) for part in re.findall(r"\d+", str(version).partition("-")[0])),
        str(role),
        str(encoding),
        str(zone),
        bool(int(read_only)),
        tuple(_unreadable(connection, tables, str(role))),
        tuple(dict.fromkeys(writing(grants))),
        Connections(limit, used),
        _long(connection),
    )


def writing(grants: Sequence[str]) -> Iterator[str]:
    """The rights of the grants that could change something, and where; pure."""
    for grant in grants:
        found = _GRANT.match(grant)
        if found is None:
            continue
        rights = [right.strip().upper() for right in re.sub(r"\([^)]*\)", "", found["rights"]).split(",")]
        harmful = [right for right in rights if right not in _HARMLESS]
        if harmful:
            yield f"{found['place'].replace('`', '')} ({', '.join(harmful[:3])}{' …' if harmful[3:] else ''})"


def _unreadable(connection: Session, tables: Sequence[TableName], role: str) -> Iterator[Unreadable]:
    who = "@".join("'" + part.replace("'", "''") + "'" for part in role.rsplit("@", 1))
    for table in tables:
        place = ".".join("`" + part.replace("`", "``") + "`" for part in (table.schema, table.name) if part)
        try:
            connection.ask(f"SELECT 1 FROM {place} LIMIT 0")  # noqa: S608 - quoted
        except MigrationError:
            remedy = f"GRANT SELECT ON {place} TO {who};"
            yield Unreadable(table, "there is no such table, or no right SELECT", remedy)


def _long(connection: Session) -> LongTransactions | None:
    with suppress(MigrationError):
        number, seconds = connection.ask(query("preflight_mysql_long"), {"long": LONG})[0]
        return LongTransactions(int(number), int(seconds))
    return None
