"""Real databases, by contracts that nobody touched: what a run does not bring over was foretold."""

from collections.abc import Callable

import pytest

from migration_assets.analyzer.catalog import EVERYTHING, Selection
from migration_assets.analyzer.profile.survey import Wanted, profile
from migration_assets.contracts.loader import load
from migration_assets_tests.real import data, test_ghost
from migration_assets_tests.real.conftest import MariaDB, NewWorld
from migration_assets_tests.real.test_discovered import SCRIPTS, discovered
from migration_assets_tests.real.world import Moved, World

STOPPING = ("refused", "quarantined")


def foretold(world: World, selection: Selection = EVERYTHING) -> tuple[int, int]:
    """How many tables came, and how many did not; all of which the profile had named, with their rows."""
    discovered(world, selection)
    contracts = load(world.folder / "data_contracts")
    found = profile(Wanted("legacy"), contracts, world.environment)
    came = world.move()
    wrong: list[str] = []
    for name, moved in came.items():
        hazards = [each for each in found.all_hazards if each.contract == name]
        stopping = [each for each in hazards if each.outcome in STOPPING]
        named = [each for each in hazards if each.kind == "judged by the target"]
        if not moved.green and not (stopping or named):
            wrong.append(f"{name} was not foretold: {'; '.join(moved.reasons)}")
        if moved.green and stopping:
            wrong.append(f"{name} came over, but was foretold {[each.kind for each in stopping]}")
        keys = {key for each in stopping for key in each.keys}
        if unknown := named_rows(moved) - keys:
            wrong.append(f"{name}: {sorted(unknown)} were not named")
    assert not wrong, "\n".join(wrong)
    green = sum(moved.green for moved in came.values())
    return green, len(came) - green


def named_rows(moved: Moved) -> set[str]:
    """Keys of rows that were judged one by one; a partition counts its rows from 1 again."""
    outcomes = [outcome for outcome in moved.outcomes if not outcome.passed]
    return {row.key for outcome in outcomes for row in outcome.rows} if moved.partitions == 1 else set()


@pytest.mark.parametrize(
    ("folder", "file"),
    [
        ("chinook", "Chinook_Sqlite.sqlite"),
        ("pgloader_a", "sqlite.db"),
        ("pgloader_a", "storage.sqlite"),
        ("pgloader_a", "type-mismatch.db"),
    ],
)
def test_of_sqlite(new_world: NewWorld, folder: str, file: str) -> None:
    came, lost = foretold(new_world(f"sqlite:///{data.folder(folder) / file}"))
    assert came + lost
    assert bool(lost) is (file in ("sqlite.db", "type-mismatch.db"))


@pytest.mark.parametrize(
    ("folder", "script"),
    [
        ("chinook", "Chinook_PostgreSql.sql"),
        ("northwind_pg", "northwind.sql"),
        ("pagila_pg", "pagila.sql.zst"),
    ],
)
def test_of_postgres(
    new_database: Callable[[str], str], new_world: NewWorld, folder: str, script: str
) -> None:
    text = data.text(data.folder(folder) / script)
    url = new_database("source")
    # the script of one of them makes a database of its own
    data.into_postgres(url, text.partition("\\c chinook;")[2] or text)
    came, lost = foretold(new_world(url))
    assert came
    assert not lost


@pytest.mark.parametrize("name", SCRIPTS)
def test_of_mysql(maria: MariaDB, new_world: NewWorld, name: str) -> None:
    result, database, scripts = SCRIPTS[name]
    url = maria.load(database, *scripts(data.folder(result.data)))
    came, lost = foretold(new_world(url))
    assert came
    assert not lost


def test_of_mysqls_odd_tables(maria: MariaDB, new_world: NewWorld) -> None:
    folder = data.folder("pgloader_a")
    maria.load("pgloader", *(data.text(folder / f"{n}.sql") for n in ("my", "f1db.circuits.my", "history")))
    maria.load("db789", data.text(folder / "db789.sql"))
    came, _ = foretold(new_world(maria.url), Selection(schemas=("pgloader", "db789")))
    assert came


def test_of_the_cases_of_ghost(maria: MariaDB, new_world: NewWorld) -> None:
    cases = sorted(path for path in data.folder("ghost_localtests_a").iterdir() if path.is_dir())
    test_ghost.filled(maria, cases)
    came, _ = foretold(new_world(maria.url), Selection(schemas=tuple(case.name for case in cases)))
    assert came
