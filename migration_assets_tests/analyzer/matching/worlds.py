"""The databases that the labels speak of, and how sure and complete suggestions are against them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import yaml

from migration_assets.analyzer.catalog import Selection, look
from migration_assets.analyzer.matching import SAMPLED, Samples, Suggestion, suggest
from migration_assets.contracts.model import Server
from migration_assets_tests.real import data
from migration_assets_tests.real.conftest import MariaDB

FOLDER = Path(__file__).parent
LABELS = {file.stem: file for file in sorted((FOLDER / "labels").glob("*.yaml"))}

#: source table, its column, target table, its column
Link = tuple[str, str, str, str]


@dataclass(frozen=True)
class Place:
    url: str
    schemas: tuple[str, ...] = ()


@dataclass(frozen=True)
class Labels:
    """What a person says belongs together."""

    source: str
    target: str
    links: frozenset[Link]

    @classmethod
    def read(cls, name: str) -> "Labels":
        said = yaml.safe_load(LABELS[name].read_text("utf-8"))
        links = {
            (table, column, entry["into"], other)
            for table, entry in said["tables"].items()
            for column, other in entry["columns"].items()
        }
        return cls(said["source"], said["target"], frozenset(links))


@dataclass(frozen=True)
class Score:
    right: int
    suggested: int
    expected: int

    @property
    def precision(self) -> float:
        return self.right / self.suggested if self.suggested else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.expected if self.expected else 1.0

    def __str__(self) -> str:
        return f"precision {self.precision:.3f} ({self.right} of {self.suggested}), recall {self.recall:.3f} (of {self.expected})"


def scored(found: Iterable[Link], labels: Labels) -> Score:
    links = set(found)
    return Score(len(links & labels.links), len(links), len(labels.links))


def links(suggestions: Iterable[Suggestion]) -> set[Link]:
    return {(each.source.name, each.column, each.target.name, each.target_column) for each in suggestions}


#: which rows the target's sample has: the source's own, every second of them, or none of them
Rows = Literal["the same", "half", "others", "none"]


def suggestions(source: Place, target: Place, rows: Rows = "the same") -> tuple[Suggestion, ...]:
    """As `migrate match` asks for them, with fewer rows to look at where that is said."""
    of_source = slice(0, None, 2 if rows == "others" else 1)
    of_target = {"the same": slice(None), "none": slice(0)}.get(rows, slice(1, None, 2))
    server = Server("legacy", "")
    with (
        look(server, source.url, Selection(source.schemas)) as own,
        look(server, target.url, Selection(target.schemas)) as far,
    ):
        samples = Samples(
            lambda table: own.sample(table, SAMPLED)[of_source],
            lambda table: far.sample(table, SAMPLED)[of_target],
        )
        return suggest(own.catalog, far.catalog, samples)


class Worlds:
    """Makes each database when it is first asked for."""

    def __init__(self, new_database: Callable[[str], str], maria: Callable[[], MariaDB]) -> None:
        self._new_database = new_database
        self._maria = maria
        self._made: dict[str, Place] = {}

    def __getitem__(self, name: str) -> Place:
        if name not in self._made:
            self._made[name] = getattr(self, f"_{name}")()
        return self._made[name]

    def _chinook_sqlite(self) -> Place:
        return Place(f"sqlite:///{data.folder('chinook') / 'Chinook_Sqlite.sqlite'}")

    def _chinook_mysql(self) -> Place:
        script = data.text(data.folder("chinook") / "Chinook_MySql.sql")
        return Place(self._maria().load("Chinook", script))

    def _chinook_postgres(self) -> Place:
        script = data.text(data.folder("chinook") / "Chinook_PostgreSql.sql")
        return self._postgres(script.partition("\\c chinook;")[2])

    def _sakila(self) -> Place:
        folder = data.folder("sakila_mysql")
        scripts = (data.text(folder / name) for name in ("01-sakila-schema.sql", "02-sakila-data.sql.zst"))
        return Place(self._maria().load("sakila", *scripts))

    def _pagila(self) -> Place:
        return self._postgres(data.text(data.folder("pagila_pg") / "pagila.sql.zst"))

    def _northwind(self) -> Place:
        script = data.text(data.folder("northwind_pg") / "northwind.sql")
        place = self._postgres(script)
        data.into_postgres(
            place.url, "SET search_path = public;\n" + (FOLDER / "northwind_target.sql").read_text()
        )
        return Place(place.url, ("public",))

    def _northwind_modern(self) -> Place:
        return Place(self["northwind"].url, ("modern",))

    def _postgres(self, script: str) -> Place:
        url = self._new_database("matched")
        data.into_postgres(url, script)
        data.into_postgres(url, "ANALYZE")
        return Place(url)


def columns(place: Place) -> dict[str, list[tuple[str, str]]]:
    with look(Server("legacy", ""), place.url, Selection(place.schemas)) as found:
        return {t.name: [(c.name, c.declared) for c in t.columns] for t in found.catalog.tables}
