"""The limits of object stores, as all processes of a machine have them: listed, and changed meanwhile."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from migration_assets.buckets import limit
from migration_assets.buckets.limit import Rates
from migration_assets.contracts.bucket_model import End
from migration_assets.contracts.model import Contract
from migration_assets.errors import ConnectionRefused


@dataclass(frozen=True)
class Standing:
    """What holds of one server."""

    server: str
    limits: Rates
    #: what `migrate limits` said on this machine; the rest is the contracts'
    said: Rates


def servers(contracts: Iterable[Contract]) -> dict[str, list[End]]:
    """The sides of buckets, by the names of their servers."""
    found: dict[str, list[End]] = {}
    for contract in contracts:
        if contract.bucket is not None:
            for end in (contract.bucket.source, contract.bucket.target):
                found.setdefault(end.server.name, []).append(end)
    return found


def standing(
    contracts: Iterable[Contract], environment: Mapping[str, str], server: str | None = None
) -> tuple[Standing, ...]:
    """What holds now; of several contracts the smaller number."""
    found: list[Standing] = []
    for name, ends in sorted(servers(contracts).items()):
        if server in (None, name):
            there = limit.read(_file(ends[0], environment))
            said = there.said if there else Rates()
            found.append(Standing(name, said.over(_narrower(ends)), said))
    return tuple(found)


def change(
    contracts: Iterable[Contract], environment: Mapping[str, str], server: str, asked: Rates | None
) -> None:
    """Says what is asked of the server, beside what was said before; None forgets what was said.

    ConnectionRefused where it cannot be kept."""
    file = _file(servers(contracts)[server][0], environment)
    try:
        before = limit.read(file)
        limit.say(file, Rates() if asked is None else asked.over(before.said if before else Rates()))
    except OSError as error:
        raise ConnectionRefused(
            f"The limits of {server} cannot be kept: {os.strerror(error.errno or 0)}.",
            advice="Set DAGSTER_HOME to a folder that this user may write to.",
        ) from None


def _file(end: End, environment: Mapping[str, str]) -> Path:
    return limit.file_of(end.server.variable.removesuffix("_URL"), environment)


def _narrower(ends: Iterable[End]) -> Rates:
    requests = [end.requests_per_second for end in ends if end.requests_per_second]
    size = [end.bytes_per_second for end in ends if end.bytes_per_second]
    return Rates(min(requests, default=None), min(size, default=None))
