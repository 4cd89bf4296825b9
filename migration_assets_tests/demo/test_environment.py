from pathlib import Path

import pytest

from migration_assets.demo.environment import with_variables, write
from migration_assets.errors import ConnectionRefused

OURS = {"LEGACY_URL": "postgresql://postgres@/legacy?host=/here"}


def test_other_lines_stay_as_they_are() -> None:
    before = "# mine\nTOKEN=abc\nLEGACY_URL=postgresql://postgres@/legacy?host=/before\n"

    assert with_variables(before, OURS) == f"# mine\nTOKEN=abc\nLEGACY_URL={OURS['LEGACY_URL']}\n"


def test_a_new_file_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    write(tmp_path / ".env", OURS)

    assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir()] == [".env"]


def test_writing_twice_changes_nothing(tmp_path: Path) -> None:
    write(tmp_path / ".env", OURS)
    once = (tmp_path / ".env").read_text()
    write(tmp_path / ".env", OURS)

    assert (tmp_path / ".env").read_text() == once


@pytest.mark.parametrize("written", ["LEGACY_URL=", "export LEGACY_URL=", " LEGACY_URL = "])
def test_somebody_elses_connection_is_never_overwritten(tmp_path: Path, written: str) -> None:
    theirs = f"{written}mysql://reader:secret@old.example.com/erp\n"
    (tmp_path / ".env").write_text(theirs)

    with pytest.raises(ConnectionRefused) as refused:
        write(tmp_path / ".env", OURS)

    assert (tmp_path / ".env").read_text() == theirs
    assert "LEGACY_URL" in str(refused.value)
    assert "secret" not in str(refused.value)
