"""A source's profile: its contracts, or the ones that discovery proposes, looked at in one snapshot."""

import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from migration_assets.analyzer import catalog as catalogs
from migration_assets.analyzer.catalog.model import Catalog, CatalogTable
from migration_assets.analyzer.discovery.discover import Asked, discover
from migration_assets.analyzer.profile import findings, names
from migration_assets.analyzer.profile.kinds import KINDS
from migration_assets.analyzer.profile.model import Hazard, Profile, TableProfile
from migration_assets.analyzer.profile.questions import questions
from migration_assets.analyzer.profile.standing import standing
from migration_assets.analyzer.profile.subject import Subject
from migration_assets.analyzer.profile.table import Look
from migration_assets.analyzer.profile.target import at_target
from migration_assets.contracts.loader import load
from migration_assets.contracts.model import Contract
from migration_assets.errors import MappingFault
from migration_assets.stores.connections import url_of
from migration_assets.tables.sources import source_of
from migration_assets.tables.sources.base import Source

#: rows above which a table is sampled, where nothing else is said
SAMPLE_ABOVE = 1_000_000

#: told the name of each contract before it is looked at
Told = Callable[[str], None]


@dataclass(frozen=True)
class Wanted:
    source: str
    #: of all contracts of the source those that are looked at; empty means all
    contracts: Collection[str] = ()
    sample_above: int = SAMPLE_ABOVE


def proposed(source: str, environment: Mapping[str, str]) -> dict[str, Contract]:
    """The contracts that `migrate discover` would write of the source; they are kept nowhere."""
    with tempfile.TemporaryDirectory(prefix="proposed-") as folder:
        place = Path(folder)
        into = "target" if source != "target" else "proposed-target"
        discover(Asked(source, into, place, place), environment)
        return load(place)


def profile(
    wanted: Wanted,
    contracts: Mapping[str, Contract],
    environment: Mapping[str, str],
    told: Told = lambda _: None,
) -> Profile:
    """Profiles the contracts of the source; those that discovery proposes where there are none.

    ConnectionRefused, UnknownSource or Passing where the source cannot be reached."""
    mine = {name: each for name, each in contracts.items() if each.source.name == wanted.source}
    is_proposed = not mine
    mine = mine or proposed(wanted.source, environment)
    server = next(iter(mine.values())).source
    url = url_of(server, environment)
    backend, source = source_of(url)
    with catalogs.look(server, url, catalogs.Selection(_schemas(mine.values()))) as look:
        survey = _Survey(wanted, look.catalog, dict(mine))
        survey.subjects = survey.found(source, look.snapshot)
        chosen = survey.chosen()
        at, why = at_target(chosen, environment)
        asked = questions(backend, look.snapshot)
        tables: list[TableProfile] = []
        for subject in chosen:
            told(subject.contract.name)
            one = Look(subject, source, asked, look.snapshot, wanted.sample_above)
            one.hazards += [*at.get(subject.contract.name, ()), *survey.beforehand(subject)]
            tables.append(one.profile(survey.subjects))
    return Profile(
        wanted.source,
        look.catalog.engine,
        look.catalog.version,
        tuple(survey.with_parents(tables)),
        tuple(survey.hazards(chosen)),
        is_proposed,
        wanted.sample_above,
        datetime.now(UTC).isoformat(timespec="seconds"),
        {"target": why or "compared with the contracts"},
    )


@dataclass
class _Survey:
    wanted: Wanted
    catalog: Catalog
    contracts: dict[str, Contract]

    def __post_init__(self) -> None:
        self.subjects: dict[str, Subject] = {}
        self.missing: list[Hazard] = []

    def found(self, source: Source, snapshot: object) -> dict[str, Subject]:
        subjects: dict[str, Subject] = {}
        for name, contract in self.contracts.items():
            try:
                table = source.describe(snapshot, contract.source_table)
            except MappingFault:
                self.missing.append(_missing(contract))
                continue
            subjects[name] = Subject(contract, table, self._of(contract))
        return subjects

    def _of(self, contract: Contract) -> CatalogTable | None:
        """The catalog's table that the contract reads."""
        said = contract.source_table
        schema = said.schema or self.catalog.default_schema
        for table in self.catalog.tables:
            if table.name == said.name and (table.schema or self.catalog.default_schema) == schema:
                return table
        return None

    def chosen(self) -> list[Subject]:
        return [
            subject
            for name, subject in self.subjects.items()
            if not self.wanted.contracts or name in self.wanted.contracts
        ]

    def beforehand(self, subject: Subject) -> Iterator[Hazard]:
        """What is known of a table before a row of it is read."""
        yield from standing(subject, self.catalog, self.subjects)
        yield from names.of_columns(subject)

    def hazards(self, chosen: Sequence[Subject]) -> Iterator[Hazard]:
        """Of the source as a whole."""
        yield from self.missing
        yield from names.of_tables(chosen)
        if self.wanted.contracts:
            return
        meant = {subject.catalog.table for subject in self.subjects.values() if subject.catalog}
        for table in self.catalog.tables:
            if table.table not in meant:
                advice = KINDS["no contract"].advice
                yield Hazard("no contract", str(table.table), "noted", "stays behind", advice)

    def with_parents(self, tables: Sequence[TableProfile]) -> Iterator[TableProfile]:
        """What is refused of a table is said of those that refer to it, too, however far."""
        hazards: dict[str, tuple[Hazard, ...]] = {table.contract: table.hazards for table in tables}
        hazards |= {each.contract: (each,) for each in self.missing}
        own = dict(hazards)
        for _ in tables:
            before = dict(hazards)
            for table in tables:
                more = tuple(findings.of_parents(self.subjects[table.contract], hazards))
                hazards[table.contract] = own[table.contract] + more
            if hazards == before:
                break
        for table in tables:
            yield replace(table, hazards=hazards[table.contract])


def _schemas(contracts: Collection[Contract]) -> tuple[str, ...]:
    """The schemas to look at; all that the connection means where a contract says none."""
    said = {contract.source_table.schema for contract in contracts}
    return () if None in said else tuple(sorted(schema for schema in said if schema))


def _missing(contract: Contract) -> Hazard:
    effect = "will be refused before a row is read"
    table = str(contract.source_table)
    return Hazard("table missing", table, "refused", effect, KINDS["table missing"].advice, contract.name)
