"""Suggestions for two servers by name: opens both, looks, and closes them."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from migration_assets.analyzer.catalog import Selection, look
from migration_assets.analyzer.matching.model import Samples, Suggestion
from migration_assets.analyzer.matching.suggest import SAMPLED, suggest
from migration_assets.contracts.model import Contract, Server
from migration_assets.stores.connections import url_of

#: the ledger's own schema is nobody's target
_OURS = "migration"


def servers(contracts: Iterable[Contract]) -> dict[str, Server]:
    """The servers that contracts speak of, by name."""
    return {server.name: server for each in contracts for server in (each.source, each.target)}


def suggested(
    source: Server, target: Server, selection: Selection, of_target: Selection, environment: Mapping[str, str]
) -> tuple[Suggestion, ...]:
    """ConnectionRefused, UnknownSource or Passing where a side cannot be reached."""
    url, far_url = url_of(source, environment), url_of(target, environment)
    with look(source, url, selection) as own, look(target, far_url, of_target) as far:
        samples = Samples(lambda table: own.sample(table, SAMPLED), lambda table: far.sample(table, SAMPLED))
        tables = tuple(table for table in far.catalog.tables if table.schema != _OURS)
        return suggest(own.catalog, replace(far.catalog, tables=tables), samples)
