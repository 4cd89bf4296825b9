"""What the documents promise is there, and what is there is documented."""

import inspect
import json
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from migration_assets import errors

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted(
    file for pattern in ("*.md", "docs/**/*.md", "data_contracts/**/*.md") for file in ROOT.glob(pattern)
)


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def commands(group: click.Group, before: str) -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, by what is typed to run it."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{before} {name}")
        else:
            yield f"{before} {name}", command


def variables(folder: str) -> set[str]:
    """Environment variables of our own that the sources of a folder name."""
    found: set[str] = set()
    for file in (ROOT / folder).rglob("*.py"):
        found |= set(
            re.findall(r"\"((?:MIGRATION|TEST|DAGSTER)_[A-Z_]+)\"", file.read_text(encoding="utf-8"))
        )
    return found


def test_every_command_and_option_is_documented() -> None:
    from migration_assets.cli.main import main

    page = text("docs/cli.md")
    missing: list[str] = []
    for typed, command in commands(main, "migrate"):
        section = page.partition(f"## `{typed}`")[2].partition("\n## ")[0]
        if not section:
            missing.append(typed)
        options = [
            option for parameter in command.params for option in parameter.opts if option.startswith("--")
        ]
        missing += [f"{typed} {option}" for option in options if f"`{option}" not in section]

    assert not missing, f"docs/cli.md says nothing of {missing}"


def test_every_documented_command_is_there() -> None:
    from migration_assets.cli.main import main

    there = {typed for typed, _ in commands(main, "migrate")}

    assert set(re.findall(r"^## `(migrate [^`]+)`", text("docs/cli.md"), re.MULTILINE)) == there


def test_every_error_is_documented_with_its_exit_code() -> None:
    page = text("docs/errors.md")
    raised = {
        name: error
        for name, error in vars(errors).items()
        if inspect.isclass(error) and issubclass(error, errors.MigrationError)
    }
    documented = dict(re.findall(r"^\| `(\w+)` \| (\d)", page, re.MULTILINE))

    assert documented == {name: str(error.exit_code) for name, error in raised.items()}


def test_every_error_stands_in_the_printed_tree() -> None:
    tree = inspect.getdoc(errors) or ""
    raised = {
        name
        for name, error in vars(errors).items()
        if inspect.isclass(error) and issubclass(error, Exception)
    }

    assert not {name for name in raised if name not in tree}


def test_every_field_and_value_of_the_migration_property_is_documented() -> None:
    schema = json.loads(text("migration_assets/contracts/migration_schema.json"))
    page = text("data_contracts/README.md")
    words = set(
        re.findall(r"[\w-]+", " ".join(re.findall(r"`([^`\n]+)`", page.partition("\n## `migration`")[2])))
    )

    assert fields(schema) - words == set()


def fields(node: object) -> set[str]:
    """Names of properties and listed values, anywhere in a JSON schema."""
    if isinstance(node, list):
        return set().union(*map(fields, node))
    if not isinstance(node, dict):
        return set()
    here = set(node.get("properties", {})) | {
        word for value in node.get("enum", ()) for word in value.split()
    }
    return here.union(*(fields(value) for key, value in node.items() if key != "enum"))


@pytest.mark.parametrize(
    ("folder", "page"), [("migration_assets", "README.md"), ("migration_assets_tests", "CONTRIBUTING.md")]
)
def test_every_environment_variable_is_documented(folder: str, page: str) -> None:
    pages = text(page) + text("README.md") + text("docs/deploy.md")

    assert not {name for name in variables(folder) if f"`{name}" not in pages}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: str(file.relative_to(ROOT)))
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text(encoding="utf-8"))

    assert not [link for link in links if not (document.parent / link).exists()]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: str(file.relative_to(ROOT)))
def test_modules_that_documents_name_are_there(document: Path) -> None:
    named = re.findall(
        r"`(?:migration_assets/)?((?!migration_assets)[a-z_]+/[a-z_/]+\.py)`",
        document.read_text(encoding="utf-8"),
    )

    assert not [name for name in named if not (ROOT / "migration_assets" / name).exists()]


def test_every_make_target_is_named_in_a_document() -> None:
    targets = re.findall(r"^([a-z-]+):", text("Makefile"), re.MULTILINE)
    pages = text("README.md") + text("CONTRIBUTING.md")
    codes = re.findall(r"`([^`\n]+)`", pages)
    quoted = {word for code in codes if "make " in code for word in code.split()}

    assert not set(targets) - quoted - {"help"}


def test_words_to_avoid_are_avoided_in_module_names() -> None:
    avoided = {"utils", "util", "manager", "common", "core", "sync"}
    names = {file.stem for file in (ROOT / "migration_assets").rglob("*.py")}
    folders = {file.parent.name for file in (ROOT / "migration_assets").rglob("*.py")}

    assert not avoided & (names | folders)
