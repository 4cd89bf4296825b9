"""A server's name and the environment in, the URL out, judged before anything is opened with it.

A connection that leaves this machine is verified (`verify-full`), unless the contract's server says
otherwise in so many words; a URL may ask for more than that, never for less.
"""

from collections.abc import Mapping
from typing import Literal

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from migration_assets.contracts.model import Server
from migration_assets.errors import ConnectionRefused
from migration_assets.stores.endpoints import is_loopback

Tls = Literal["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]
STRENGTH: tuple[Tls, ...] = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")

POSTGRES = frozenset({"postgresql", "postgres"})
MYSQL = frozenset({"mysql", "mariadb"})
FILES = frozenset({"sqlite", "duckdb"})

#: parameters of a URL that may be shown; any other may be a secret
_SHOWN = frozenset({"host", "port", "sslmode", "ssl_mode", "unix_socket", "charset"})
#: parameters that take host or TLS from a file that is not judged here
_ELSEWHERE = ("service", "servicefile", "read_default_file", "read_default_group", "odbc_connect")
_MYSQL_MODES: dict[str, Tls] = {
    "disabled": "disable",
    "preferred": "prefer",
    "required": "require",
    "verify_ca": "verify-ca",
    "verify_identity": "verify-full",
}
#: what is left of the verification where one of these says no
_SWITCHES: dict[str, Tls] = {
    "ssl_verify_cert": "require",
    "ssl_verify_identity": "verify-ca",
    "ssl_check_hostname": "verify-ca",
}
_NO = frozenset({"0", "false", "no", "off"})


def url_of(server: Server, environment: Mapping[str, str]) -> str:
    """The server's URL from `<NAME>_URL`; ConnectionRefused when it is missing, malformed or unsafe."""
    text = environment.get(server.variable, "").strip()
    if not text:
        raise ConnectionRefused(
            f"There is no connection for {server.name}: {server.variable} is not set.",
            advice=f"Set it, for example `export {server.variable}='{_example(server)}'`.",
        )
    url = parsed(server, text)
    if not url.database and backend_of(url) in POSTGRES | FILES:
        raise ConnectionRefused(
            f"{server.variable} names no database.",
            advice=f"Write it as `{_example(server)}`.",
        )
    tls(server, url)
    return text


def parsed(server: Server, url: str) -> URL:
    """The URL in its parts; ConnectionRefused, without the text, when it is none."""
    try:
        found = make_url(url)
    except (ArgumentError, ValueError):
        raise ConnectionRefused(
            f"{server.variable} is not a URL.",
            advice=f"Write it as `{_example(server)}`, with `@:/?#%` in names and passwords percent-encoded.",
        ) from None
    for name in _ELSEWHERE:
        if name in found.query:
            raise ConnectionRefused(
                f"{server.variable} takes its connection from elsewhere (`{name}`), out of sight here.",
                advice="Write host, database and TLS into the URL itself.",
            )
    return found


def backend_of(url: URL) -> str:
    """`postgresql` of `postgresql+psycopg2`."""
    return url.drivername.partition("+")[0]


def safe(url: str) -> str:
    """The URL as it may be shown: no password, and no parameter that may be one."""
    try:
        found = make_url(url)
    except (ArgumentError, ValueError):
        return "(a malformed URL)"
    query = {name: value for name, value in found.query.items() if name in _SHOWN}
    bare = URL.create(found.drivername, found.username, None, found.host, found.port, found.database, query)
    return bare.render_as_string()


def is_local(url: URL) -> bool:
    """Whether the connection stays on this machine: a file, a socket, or the loopback address."""
    backend = backend_of(url)
    if backend in FILES:
        return not url.host
    if "unix_socket" in url.query and backend in MYSQL:
        return True
    hosts = [url.host or "", *_query(url, "host"), *_query(url, "hostaddr")]
    named = [host for several in hosts for host in several.split(",") if host]
    if not named:
        return backend in POSTGRES | MYSQL
    return all(is_loopback(host) for host in named)


def tls(server: Server, url: URL) -> Tls | None:
    """What the connection has to be held to; None when it stays on this machine.

    stays here   URL asks        the contract's server   result
    yes          -               -                       None
    no           nothing         verify-full             verify-full
    no           nothing         require                 require
    no           verify-full     require                 verify-full
    no           require         verify-full             ConnectionRefused
    no           any             verify-full, and        ConnectionRefused
                                 a database whose TLS
                                 is not known here
    """
    if is_local(url):
        return None
    if backend_of(url) not in POSTGRES | MYSQL and server.tls != "disable":
        raise ConnectionRefused(
            f"{server.variable} leaves this machine, and {backend_of(url)} cannot be held to a verified "
            "certificate here.",
            advice=f"Connect through a local tunnel, or let the contract's server {server.name} say "
            "`tls: disable`, if its own driver sees to that.",
        )
    asked = _asked(server, url)
    if asked is not None and STRENGTH.index(asked) < STRENGTH.index(server.tls):
        raise ConnectionRefused(
            f"{server.variable} asks for TLS `{asked}`, and {server.name} is to be reached by "
            f"`{server.tls}` at least.",
            advice=f"Leave it out of the URL, or let the contract's server {server.name} say `tls: {asked}`.",
        )
    return asked or server.tls


def _asked(server: Server, url: URL) -> Tls | None:
    asked: list[Tls] = []
    for name in ("sslmode", "ssl_mode", "ssl-mode"):
        for said in _query(url, name):
            mode = _MYSQL_MODES.get(said.lower(), said.lower())
            if mode not in STRENGTH:
                raise ConnectionRefused(
                    f"{server.variable} asks for a TLS that does not exist (`{name}`).",
                    advice=f"It is one of {', '.join(STRENGTH)}.",
                )
            asked.append(mode)
    if any(said.lower() not in _NO for said in _query(url, "ssl_disabled")):
        asked.append("disable")
    for name, left in _SWITCHES.items():
        if any(said.lower() in _NO for said in _query(url, name)):
            asked.append(left)
    return min(asked, key=STRENGTH.index, default=None)


def _query(url: URL, name: str) -> tuple[str, ...]:
    said = url.query.get(name, ())
    return (said,) if isinstance(said, str) else tuple(said)


def _example(server: Server) -> str:
    kinds = {"postgres": "postgresql", "postgresql": "postgresql", "mysql": "mysql"}
    scheme = kinds.get(server.type)
    return f"{scheme}://user:password@host/database" if scheme else "sqlite:////path/to/file.db"
