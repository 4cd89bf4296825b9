"""A folder as a place of wave files: what only a folder does."""

from pathlib import Path

import pytest

from migration_assets.errors import MigrationError
from migration_assets.waves.places import place_of
from migration_assets.waves.places.folder import Folder


def names(place: Folder) -> list[str]:
    return [document.name for document in place.documents()]


def test_a_folder_that_is_not_there_has_no_waves(tmp_path: Path) -> None:
    assert names(Folder(tmp_path / "nowhere")) == []


def test_a_folder_that_is_named_like_a_file_is_none(tmp_path: Path) -> None:
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / "a.yaml").write_text("name: x")
    assert names(Folder(tmp_path)) == ["a.yaml"]


def test_a_folder_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "waves").write_text("a file")
    with pytest.raises(MigrationError, match="MIGRATION_WAVES"):
        list(Folder(tmp_path / "waves").documents())


@pytest.mark.parametrize(
    ("environment", "path"),
    [
        ({}, "data_contracts/waves"),
        ({"MIGRATION_CONTRACTS": "/elsewhere"}, "/elsewhere/waves"),
        ({"MIGRATION_CONTRACTS": "/elsewhere", "MIGRATION_WAVES": "dropped"}, "dropped"),
    ],
)
def test_the_place_is_what_the_environment_says(environment: dict[str, str], path: str) -> None:
    root = Path("/project")
    assert str(place_of(environment, root)) == str(root / path)
