"""No secret and no row value is seen outside of the data's own places."""

from collections.abc import Callable

import pytest

from migration_assets_tests.acceptance.world import Project
from migration_assets_tests.tables.shop import ask

PASSWORD = "canary-p4ssw0rd-7c1e"
PERSON = "canary-person-93af"

#: one table for each way in which a row can break; each holds PERSON in the row that does
BREAKS: dict[str, tuple[list[str], list[dict[str, object]], dict[str, object]]] = {
    "breaks_a_key": (
        ["(id int, name text)", "VALUES (1, '{p}'), (1, '{p}-2')"],
        [
            {"name": "id", "physicalType": "integer", "primaryKey": True},
            {"name": "name", "physicalType": "text"},
        ],
        {},
    ),
    "breaks_a_personal_key": (
        ["(name text, n int)", "VALUES ('{p}', -1)"],
        [
            {"name": "name", "physicalType": "text", "primaryKey": True, "classification": "confidential"},
            {
                "name": "n",
                "physicalType": "integer",
                "logicalType": "integer",
                "logicalTypeOptions": {"minimum": 0},
            },
        ],
        {},
    ),
    "breaks_a_check": (
        ["(id int PRIMARY KEY, name text)", "VALUES (1, '{p}')"],
        [
            {"name": "id", "physicalType": "integer", "primaryKey": True},
            {"name": "name", "physicalType": "text"},
        ],
        {"checks": {"short": "length(name) < 5"}},
    ),
    "breaks_a_type": (
        ["(id int PRIMARY KEY, name text)", "VALUES (1, '{p}')"],
        [
            {"name": "id", "physicalType": "integer", "primaryKey": True},
            {"name": "name", "physicalType": "integer"},
        ],
        {},
    ),
    "breaks_an_unknown_type": (
        ["(id int PRIMARY KEY, name text)", "VALUES (1, '{p}')"],
        [
            {"name": "id", "physicalType": "integer", "primaryKey": True},
            {"name": "name", "physicalType": "inet"},
        ],
        {},
    ),
    "breaks_a_rule": (
        ["(id int PRIMARY KEY, name text)", "VALUES (1, '{p}')"],
        [
            {"name": "id", "physicalType": "integer", "primaryKey": True},
            {
                "name": "name",
                "physicalType": "text",
                "logicalType": "string",
                "logicalTypeOptions": {"pattern": "^x"},
            },
        ],
        {},
    ),
    "breaks_an_expression": (
        ["(id int PRIMARY KEY, name text)", "VALUES (1, '{p}')"],
        [
            {"name": "id", "physicalType": "integer", "primaryKey": True},
            {"name": "n", "physicalType": "date", "transformLogic": "CAST(name AS DATE)"},
        ],
        {},
    ),
    "breaks_a_trigger": (
        ["(id int PRIMARY KEY, name text)", "VALUES (1, '{p}')"],
        [
            {"name": "id", "physicalType": "integer", "primaryKey": True},
            {"name": "name", "physicalType": "text"},
        ],
        {},
    ),
}


@pytest.fixture(scope="module")
def project(
    new_module_database: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Project, str]:
    """After its run and a look at it, and what they printed."""
    old, new = new_module_database("old"), new_module_database("new")
    for name, (table, _, _) in BREAKS.items():
        ask(old, [f"CREATE TABLE {name} {table[0]}", f"INSERT INTO {name} {table[1].format(p=PERSON)}"])
    ask(
        new,
        [
            "CREATE SCHEMA shop",
            "CREATE TABLE shop.breaks_a_trigger (id int PRIMARY KEY, name text)",
            "CREATE FUNCTION shop.loud() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'I saw %', NEW.name; END $$",
            "CREATE TRIGGER loud BEFORE INSERT ON shop.breaks_a_trigger FOR EACH ROW EXECUTE FUNCTION shop.loud()",
        ],
    )
    with_password = {"LEGACY_URL": _with_password(old), "CLOUD_URL": _with_password(new)}
    project = Project(tmp_path_factory.mktemp("secrecy") / "project", with_password)
    for name, (_, properties, migration) in BREAKS.items():
        project.contract(name, {**migration, "from": {"table": name}}, properties)
    run, status = project.command("migrate", "run", "--json"), project.command("migrate", "status")
    assert run.returncode == 1, run.stdout + run.stderr
    return project, run.stdout + run.stderr + status.stdout + status.stderr


def _with_password(url: str) -> str:
    return url.replace("postgres:@", f"postgres:{PASSWORD}@")


def test_no_password_and_no_row_value_is_seen_in_any_record(project: tuple[Project, str]) -> None:
    of, printed = project
    for name in BREAKS:
        assert name in printed
    seen = {"terminal": printed.encode()}
    staging = of.home / ".migration" / "staging"
    for file in of.home.rglob("*"):
        if file.is_file() and not (file.is_relative_to(staging) and file.suffix in (".copy", ".jsonl")):
            seen[str(file.relative_to(of.home))] = file.read_bytes()
    assert len(seen) > 5
    for canary in (PASSWORD, PERSON):
        assert [place for place, data in seen.items() if canary.encode() in data] == []


def test_staged_rows_are_for_their_owner_alone(project: tuple[Project, str]) -> None:
    staging = project[0].home / ".migration" / "staging"
    files = [path for path in staging.rglob("*") if path.is_file()]
    assert files
    assert {oct(path.stat().st_mode & 0o777) for path in files} == {"0o600"}
    assert {path.suffix for path in files} <= {".copy", ".json", ".jsonl"}
