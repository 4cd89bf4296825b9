"""The limits of servers, as all runs have them: listed, and changed while they run."""

from collections.abc import Generator, Iterable, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from difflib import get_close_matches

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812

from migration_assets.contracts.limits import NAMES, NO_LIMITS, Limits
from migration_assets.contracts.model import Contract, Server
from migration_assets.errors import ConnectionRefused
from migration_assets.ledger import limits as ledger
from migration_assets.ledger import slots
from migration_assets.stores.connections import url_of
from migration_assets.stores.postgres import classify, connect


@dataclass(frozen=True)
class Standing:
    """What holds of one server for the runs into one target."""

    server: str
    #: the target whose ledger has the limits
    target: str
    limits: Limits
    #: what `migrate limits` said; the rest is the contracts'
    said: Limits
    connections_in_use: int = 0


def standing(
    contracts: Iterable[Contract], environment: Mapping[str, str], server: str | None = None
) -> tuple[Standing, ...]:
    """What holds now; ConnectionRefused for a server that no contract has."""
    found: list[Standing] = []
    for target, servers in _ledgers(contracts, server).items():
        with _opened(target, environment) as connection:
            said = ledger.said(connection, servers) if ledger.is_there(connection) else {}
            found += [
                _standing(connection, name, target, said.get(name, NO_LIMITS), default)
                for name, default in servers.items()
            ]
    return tuple(sorted(found, key=lambda one: (one.server, one.target)))


def change(
    contracts: Iterable[Contract], environment: Mapping[str, str], server: str, asked: Limits | None
) -> None:
    """Says what is asked of the server, beside what was said before; None forgets what was said."""
    for target in _ledgers(contracts, server):
        with _opened(target, environment) as connection:
            ledger.prepare(connection)
            if asked is None:
                ledger.forget(connection, [server])
            else:
                before = ledger.said(connection, [server]).get(server, NO_LIMITS)
                ledger.say(connection, server, asked.over(before))


def _standing(connection: Connection, server: str, target: Server, said: Limits, default: Limits) -> Standing:
    limits = said.over(default).holding()
    most = limits.connections
    in_use = len(slots.holders(connection, server, most)) if most else 0
    return Standing(server, target.name, limits, said, in_use)


def _ledgers(contracts: Iterable[Contract], server: str | None) -> dict[Server, dict[str, Limits]]:
    """The targets, and of each the servers that rows come from or go to, with the contracts' limits."""
    targets: dict[str, Server] = {}
    limits: dict[str, dict[str, Limits]] = {}
    for contract in contracts:
        target = targets.setdefault(contract.target.name, contract.target)
        for each in (contract.source, contract.target):
            known = limits.setdefault(target.name, {})
            known[each.name] = _narrower(known.get(each.name, NO_LIMITS), each.limits)
    known_servers = {name for servers in limits.values() for name in servers}
    if server is not None and server not in known_servers:
        near = get_close_matches(server, known_servers, n=1)
        raise ConnectionRefused(
            f"No contract has a server {server!r}." + (f" Did you mean {near[0]}?" if near else ""),
            advice="`migrate limits` lists them.",
        )
    meant = {
        name: {each: said for each, said in servers.items() if server in (None, each)}
        for name, servers in limits.items()
    }
    return {targets[name]: servers for name, servers in meant.items() if servers}


def _narrower(one: Limits, other: Limits) -> Limits:
    said = [(asdict(one)[name], asdict(other)[name]) for name in NAMES]
    return Limits(*(min((n for n in pair if n is not None), default=None) for pair in said))


@contextmanager
def _opened(target: Server, environment: Mapping[str, str]) -> Generator[Connection]:
    with closing(connect(target, url_of(target, environment))) as connection:
        try:
            connection.autocommit = True
            yield connection
        except psycopg2.Error as error:
            raise classify(error) from None
