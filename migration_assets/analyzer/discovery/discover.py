"""`migrate discover`: a source in, contracts on disk out, or what changed since they were written."""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from migration_assets.analyzer.catalog import EVERYTHING, Look, Rows, look
from migration_assets.analyzer.catalog.model import Catalog, CatalogTable
from migration_assets.analyzer.discovery import files
from migration_assets.analyzer.discovery.asked import Asked, ready
from migration_assets.analyzer.discovery.document import Ends, document, server
from migration_assets.analyzer.discovery.drift import Change, changes
from migration_assets.analyzer.discovery.edit import edited
from migration_assets.analyzer.discovery.yaml_words import written
from migration_assets.analyzer.proposal.model import Proposal
from migration_assets.analyzer.proposal.propose import SAMPLED, proposal
from migration_assets.analyzer.proposal.suggestions import LOOKED, Guess
from migration_assets.contracts.model import Contract, Server, TableName
from migration_assets.errors import ConnectionRefused, DiscoveryRefused
from migration_assets.stores.connections import url_of

__all__ = ["Asked", "Discovery", "discover"]


@dataclass(frozen=True)
class Discovery:
    """What a discovery found and did."""

    catalog: Catalog
    #: None where nothing had to be proposed
    proposal: Proposal | None = None
    written: tuple[Path, ...] = ()
    edited: tuple[Path, ...] = ()
    changes: tuple[Change, ...] = ()
    #: what `--update` leaves to a person
    left: tuple[str, ...] = ()

    @property
    def open(self) -> bool:
        """Whether contracts and source still differ."""
        settled = self.edited or self.written
        return bool(self.left) or any(not settled or each.kind == "table dropped" for each in self.changes)


@dataclass(frozen=True)
class _Known:
    """The contracts that are there already."""

    #: those of the source, by its tables
    mine: Mapping[TableName, Contract]
    others: tuple[str, ...]


def discover(asked: Asked, environment: Mapping[str, str]) -> Discovery:
    """Everything that stands in the way at once, as DiscoveryRefused; then nothing is written."""
    root = files.root_of(asked.folder, asked.contracts)
    there = ready(asked, root, environment)
    said = next((each.source for each in there.values() if each.source.name == asked.source), None)
    origin = Server(
        asked.source, said.type if said else "", tls=asked.tls or (said.tls if said else "verify-full")
    )
    url = url_of(origin, environment)
    with look(origin, url, asked.selection) as found:
        catalog = found.catalog
        if not catalog.tables:
            raise DiscoveryRefused(
                _nothing(asked, catalog),
                advice="Correct `--schema` and `--tables`, or grant the role SELECT.",
            )
        known = _known(there, asked, catalog)
        differences = _differences(known, asked, catalog) if known.mine else ()
        if known.mine and (not differences or not asked.update):
            return Discovery(catalog, changes=differences)
        proposed = _proposed(found, known)
    ends = _ends(asked, catalog, url, environment)
    return _written(asked, root, known, proposed, ends, differences)


def _known(there: Mapping[str, Contract], asked: Asked, catalog: Catalog) -> _Known:
    mine = {
        TableName(each.source_table.schema or catalog.default_schema, each.source_table.name): each
        for each in there.values()
        if each.source.name == asked.source and each.target.name == asked.into
    }
    return _Known(mine, tuple(name for name in there if there[name] not in mine.values()))


def _differences(known: _Known, asked: Asked, catalog: Catalog) -> tuple[Change, ...]:
    found: list[Change] = []
    for table in catalog.tables:
        contract = known.mine.get(_place(table, catalog))
        if contract is None:
            found.append(Change("table added", str(table.table)))
        else:
            found += changes(contract, table)
    tables = {_place(table, catalog) for table in catalog.tables}
    for place, contract in known.mine.items():
        bare = CatalogTable(place.schema, place.name, ())
        schemas = asked.selection.schemas
        asked_for = asked.selection.means(bare) and (not schemas or place.schema in schemas)
        if place not in tables and contract.recorded is not None and asked_for:
            found.append(Change("table dropped", str(place), contract=contract.name))
    return tuple(found)


def _place(table: CatalogTable, catalog: Catalog) -> TableName:
    return TableName(table.schema or catalog.default_schema, table.name)


def _proposed(found: Look, known: _Known) -> Proposal:
    """DiscoveryRefused with all tables that the role may not read."""
    called = {
        table.table: known.mine[place].name
        for table in found.catalog.tables
        if (place := _place(table, found.catalog)) in known.mine
    }
    unread: set[TableName] = set()

    def sample(table: CatalogTable) -> Rows:
        try:
            return found.sample(table, SAMPLED)
        except ConnectionRefused:
            unread.add(table.table)
            return []

    def missing(guess: Guess) -> tuple[int, int]:
        if {guess.child.table, guess.parent.table} & unread:
            return 0, 0
        return found.missing(guess.child, (guess.column,), guess.parent, (guess.parent_column,), LOOKED)

    made = proposal(found.catalog, sample, missing, known=called, taken=known.others)
    if unread:
        names = ", ".join(sorted(map(str, unread)))
        raise DiscoveryRefused(
            f"The role of {found.catalog.server} may not read {names}; nothing was written.",
            advice="GRANT SELECT on them, or choose other tables by `--tables`.",
        )
    return made


def _ends(asked: Asked, catalog: Catalog, url: str, environment: Mapping[str, str]) -> Ends:
    target = ""
    with suppress(ConnectionRefused):
        target = url_of(Server(asked.into, "postgresql", tls="disable"), environment)
    domain = asked.domain or (asked.folder.name if asked.folder != asked.contracts else asked.source)
    return Ends(
        server(asked.source, catalog.backend, url, catalog.default_schema, asked.tls),
        server(asked.into, "postgres", target, "public"),
        re.sub(r"[^a-z0-9_]+", "_", domain.lower()).strip("_") or asked.source,
        catalog.default_schema,
    )


def _written(
    asked: Asked, root: Path, known: _Known, proposed: Proposal, ends: Ends, differences: Sequence[Change]
) -> Discovery:
    catalog = proposed.catalog
    new: dict[Path, str] = {}
    edits: dict[Path, str] = {}
    left: list[str] = []
    changed = {change.contract for change in differences}
    for table in proposed.tables:
        contract = known.mine.get(_place(table.source, catalog))
        if contract is None:
            new[files.file_of(asked.folder.resolve(), table.name)] = written(document(table, catalog, ends))
        elif contract.name in changed and contract.recorded is not None:
            file = Path(contract.file).resolve()
            mine = [change for change in differences if change.contract == contract.name]
            done = edited(file.read_text("utf-8"), contract, table, mine)
            edits[file] = done.text
            left += [f"{contract.name}: {what}" for what in done.left]
        elif contract.name in changed:
            left.append(f"{contract.name}: no discovery wrote it, so none edits it")
    taken = [file for file in new if file.exists()]
    if taken:
        names = ", ".join(sorted(file.name for file in taken))
        raise DiscoveryRefused(
            f"There are files of these names already, and they are contracts of something else: {names}.",
            advice="Name another folder by `--out`, or give those files other names.",
        )
    files.judged(root, {**new, **edits})
    files.write({**new, **edits})
    shown = replace(
        proposed,
        tables=tuple(t for t in proposed.tables if files.file_of(asked.folder.resolve(), t.name) in new),
    )
    return Discovery(catalog, shown, tuple(new), tuple(edits), tuple(differences), tuple(left))


def _nothing(asked: Asked, catalog: Catalog) -> str:
    chosen = " that were asked for" if asked.selection != EVERYTHING else ""
    said = f"{asked.source} ({catalog.engine} {catalog.version}) has no tables{chosen}."
    if catalog.left_out:
        shown = "; ".join(f"{each.table} ({each.why})" for each in catalog.left_out[:5])
        said += f" Left out: {shown}{' …' if len(catalog.left_out) > 5 else ''}."
    return said
