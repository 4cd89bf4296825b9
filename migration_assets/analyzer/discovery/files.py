"""Contracts on disk: looked at together with those that are there, then written all or not at all."""

import os
import shutil
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

from migration_assets.contracts.loader import load
from migration_assets.contracts.model import Contract
from migration_assets.contracts.odcs import SUFFIX
from migration_assets.errors import DiscoveryRefused


def root_of(folder: Path, contracts: Path) -> Path:
    """The folder whose contracts are one family: that of all contracts where `folder` is in it."""
    folder, contracts = folder.resolve(), contracts.resolve()
    return contracts if folder == contracts or contracts in folder.parents else folder


def there(root: Path) -> Mapping[str, Contract]:
    """The contracts in the folder; none where there is no folder yet. ContractFaults as `load` has them."""
    return load(root) if root.is_dir() else {}


def judged(root: Path, texts: Mapping[Path, str]) -> Mapping[str, Contract]:
    """What the folder's contracts would be with these files in it; ContractFaults where they do not fit."""
    with tempfile.TemporaryDirectory(prefix="contracts-") as name:
        aside = Path(name)
        for file in root.rglob("*.odcs.y*ml") if root.is_dir() else ():
            if file not in texts:
                copy = aside / file.relative_to(root)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, copy)
        for file, text in texts.items():
            new = aside / file.relative_to(root)
            new.parent.mkdir(parents=True, exist_ok=True)
            new.write_text(text, "utf-8")
        return load(aside)


def writable(folder: Path) -> None:
    """DiscoveryRefused where no file could be written; makes nothing that stays."""
    nearest = next(each for each in (folder, *folder.parents) if each.exists())
    try:
        with tempfile.NamedTemporaryFile(dir=nearest, prefix=".discover-"):
            pass
    except OSError as fault:
        raise DiscoveryRefused(
            f"The folder {folder} cannot be written to ({fault.strerror}); nothing was written.",
            advice="Correct its rights, or name another folder by `--out`.",
        ) from None


def write(texts: Mapping[Path, str]) -> None:
    """All files, each whole: first beside their places, then into them; a file that fails takes all back."""
    with _beside(texts) as beside:
        done: list[tuple[Path, Path | None]] = []
        try:
            for file, new in beside.items():
                old = new.with_suffix(".old") if file.exists() else None
                if old is not None:
                    shutil.copy2(file, old)
                    shutil.copymode(file, new)
                os.replace(new, file)
                done.append((file, old))
        except OSError as fault:
            for file, old in reversed(done):
                if old is not None:
                    os.replace(old, file)
                else:
                    file.unlink(missing_ok=True)
            raise _refused(fault) from None


@contextmanager
def _beside(texts: Mapping[Path, str]) -> Generator[Mapping[Path, Path]]:
    """The files' new texts, in a folder of the same file system that is gone afterwards."""
    folders: dict[Path, Path] = {}
    try:
        beside: dict[Path, Path] = {}
        for file, text in texts.items():
            if file.parent not in folders:
                file.parent.mkdir(parents=True, exist_ok=True)
                folders[file.parent] = Path(tempfile.mkdtemp(prefix=".discover-", dir=file.parent))
            beside[file] = folders[file.parent] / file.name
            beside[file].write_text(text, "utf-8")
        yield beside
    except OSError as fault:
        raise _refused(fault) from None
    finally:
        for folder in folders.values():
            shutil.rmtree(folder, ignore_errors=True)


def _refused(fault: OSError) -> DiscoveryRefused:
    return DiscoveryRefused(
        f"The contracts cannot be written ({fault.strerror}); nothing was written.",
        advice="Look at the room and the rights of the folder, then run the same command again.",
    )


def file_of(folder: Path, name: str) -> Path:
    return folder / f"{name}{SUFFIX}"
