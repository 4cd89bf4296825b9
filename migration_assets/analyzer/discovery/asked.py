"""What a discovery is asked for, and everything that is in its way before the source is asked."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from migration_assets.analyzer.catalog import EVERYTHING, Selection
from migration_assets.analyzer.discovery import files
from migration_assets.contracts.model import Contract, Server
from migration_assets.errors import DiscoveryRefused, MigrationError
from migration_assets.stores.connections import url_of

_SERVER = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
Tls = Literal["verify-full", "verify-ca", "require", "disable"]


@dataclass(frozen=True)
class Asked:
    """What a discovery is asked for."""

    source: str
    into: str
    folder: Path
    #: the folder of all contracts
    contracts: Path
    domain: str | None = None
    selection: Selection = EVERYTHING
    update: bool = False
    tls: Tls | None = None


def ready(asked: Asked, root: Path, environment: Mapping[str, str]) -> Mapping[str, Contract]:
    """The contracts that are there; whatever is wrong before the source is asked, all at once."""
    faults: list[MigrationError] = []
    there: Mapping[str, Contract] = {}

    def tried(step: Callable[[], Any]) -> Any:
        try:
            return step()
        except MigrationError as fault:
            faults.append(fault)
            return None

    for name in dict.fromkeys((asked.source, asked.into)):
        if not _SERVER.fullmatch(name):
            faults.append(
                DiscoveryRefused(f"{name} makes no name of a variable: letters, digits, - and _ do.")
            )
    if Server(asked.source, "").variable == Server(asked.into, "").variable:
        faults.append(
            DiscoveryRefused("Source and target are the same server.", advice="Give each a name of its own.")
        )
    tried(lambda: url_of(Server(asked.source, "", tls=asked.tls or "disable"), environment))
    tried(lambda: files.writable(asked.folder))
    there = tried(lambda: files.there(root)) or {}
    if len(faults) == 1:
        raise faults[0]
    if faults:
        raise DiscoveryRefused("\n".join(str(fault) for fault in faults))
    return there
