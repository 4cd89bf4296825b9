"""Where the project stands and what its `.env` says."""

from pathlib import Path

import pytest

from migration_assets.control import project


def test_the_root_is_where_pyproject_stands() -> None:
    assert (project.root() / "pyproject.toml").is_file()


def test_without_one_the_root_is_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = tmp_path / "site-packages" / "migration_assets"
    monkeypatch.setattr(project.migration_assets, "__file__", str(installed / "__init__.py"))
    monkeypatch.chdir(tmp_path)
    assert project.root() == tmp_path


def test_contracts_are_found_by_their_variable_or_at_the_root() -> None:
    assert project.contracts_folder({}) == project.root() / "data_contracts"
    assert project.contracts_folder({"MIGRATION_CONTRACTS": "mine"}) == project.root() / "mine"
    assert project.contracts_folder({"MIGRATION_CONTRACTS": "/else/where"}) == Path("/else/where")


def test_an_env_file_sets_what_is_not_set(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(
        "# a comment\n\nLEGACY_URL=mysql://a:b=c@h/d\nexport CLOUD_URL='postgresql://x/y#z'\nKEPT=new\nnothing\n"
    )
    environment = {"KEPT": "old"}
    project.read_env_file(file, environment)
    assert environment == {
        "KEPT": "old",
        "LEGACY_URL": "mysql://a:b=c@h/d",
        "CLOUD_URL": "postgresql://x/y#z",
    }


def test_a_missing_env_file_is_nothing(tmp_path: Path) -> None:
    environment: dict[str, str] = {}
    project.read_env_file(tmp_path / ".env", environment)
    assert environment == {}


def test_the_home_of_dagster_is_the_root_unless_another_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(project, "root", lambda: tmp_path)
    monkeypatch.chdir("/")
    environment: dict[str, str] = {}
    project.enter(environment)
    assert environment["DAGSTER_HOME"] == str(tmp_path)
    assert Path.cwd() == tmp_path
    said = {"DAGSTER_HOME": "/else/where"}
    project.enter(said)
    assert said["DAGSTER_HOME"] == "/else/where"
