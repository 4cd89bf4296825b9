"""A folder as a place of wave files."""

from pathlib import Path

import pytest

from migration_assets.errors import MigrationError, Passing
from migration_assets.waves.places import place_of
from migration_assets.waves.places.folder import Folder


def names(place: Folder) -> list[str]:
    return [document.name for document in place.documents()]


def test_a_folder_that_is_not_there_has_no_waves(tmp_path: Path) -> None:
    assert names(Folder(tmp_path / "nowhere")) == []


def test_wave_files_come_in_the_order_of_their_names_and_others_are_left_alone(tmp_path: Path) -> None:
    for name in ("b.yaml", "a.yaml", "c.yml", ".hidden.yaml", "notes.txt"):
        (tmp_path / name).write_text("name: x")
    (tmp_path / "folder.yaml").mkdir()
    assert names(Folder(tmp_path)) == ["a.yaml", "b.yaml", "c.yml"]


def test_a_file_is_put_only_where_it_is_what_was_expected(tmp_path: Path) -> None:
    place = Folder(tmp_path / "waves")
    place.put("a.yaml", b"one", None)
    with pytest.raises(Passing):
        place.put("a.yaml", b"two", None)
    (document,) = place.documents()
    assert document.text == b"one"
    place.put("a.yaml", b"two", document.token)
    with pytest.raises(Passing):
        place.put("a.yaml", b"three", document.token)
    (document,) = place.documents()
    assert document.text == b"two"
    assert document.origin == str(tmp_path / "waves" / "a.yaml")


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
