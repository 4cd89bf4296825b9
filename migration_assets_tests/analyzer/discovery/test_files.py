"""All files or none."""

import os
from pathlib import Path

import pytest

from migration_assets.analyzer.discovery.files import root_of, write
from migration_assets.errors import DiscoveryRefused


def test_files_are_written_with_their_folders_and_nothing_else_is_left(tmp_path: Path) -> None:
    write({tmp_path / "a" / "one.odcs.yaml": "1\n", tmp_path / "a" / "two.odcs.yaml": "2\n"})
    assert sorted(file.name for file in (tmp_path / "a").iterdir()) == ["one.odcs.yaml", "two.odcs.yaml"]


def test_a_file_that_fails_takes_all_others_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new, last = (tmp_path / f"{name}.odcs.yaml" for name in ("old", "new", "last"))
    old.write_text("as it was\n")
    old.chmod(0o640)
    replace = os.replace

    def fails(source: Path, target: Path) -> None:
        if Path(target) == last:
            raise OSError(28, "No space left on device")
        replace(source, target)

    monkeypatch.setattr(os, "replace", fails)
    with pytest.raises(DiscoveryRefused, match="No space left on device"):
        write({old: "new text\n", new: "x\n", last: "y\n"})
    assert [file.name for file in tmp_path.iterdir()] == ["old.odcs.yaml"]
    assert old.read_text() == "as it was\n"
    assert old.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(
    ("folder", "root"), [("all", "all"), ("all/shop", "all"), ("all/shop/old", "all"), ("other", "other")]
)
def test_contracts_below_the_folder_of_all_are_one_family(tmp_path: Path, folder: str, root: str) -> None:
    assert root_of(tmp_path / folder, tmp_path / "all") == (tmp_path / root).resolve()
