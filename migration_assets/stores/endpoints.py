"""Where a service answers over HTTP, judged before anything is asked there."""

import ipaddress
from urllib.parse import urlsplit

from migration_assets.errors import ConnectionRefused


def judge(endpoint: str, what: str, unless: str) -> None:
    """`what` names the endpoint, `unless` the variable that would allow it without TLS: empty where it does.

    endpoint                  `unless`    then
    https://…                 -           taken
    http://, this machine     -           taken
    http://, elsewhere        empty       taken
    http://, elsewhere        named       ConnectionRefused
    anything else             -           ConnectionRefused
    """
    try:
        parts = urlsplit(endpoint)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        parts, host, port = urlsplit(""), "", None
    if parts.scheme not in ("http", "https") or not host or parts.username or parts.password:
        raise ConnectionRefused(
            f"{what} is not a URL of a server.", advice="Write it as `https://host:port`, without keys in it."
        )
    if parts.scheme == "http" and unless and not is_loopback(host):
        shown = f"{host}:{port}" if port else host
        raise ConnectionRefused(
            f"{what} at {shown} leaves this machine without TLS.",
            advice=f"Use https://, or set {unless}=disable if the network sees to that.",
        )


def is_loopback(host: str) -> bool:
    """Whether a host, an address or a socket's path is this machine's own."""
    if host.startswith(("/", "@")) or host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
