"""Where a report is written: a page and a document beside it, whole or not at all."""

import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from migration_assets.analyzer.profile.model import Profile
from migration_assets.analyzer.profile.report.document import document
from migration_assets.analyzer.profile.report.page import page
from migration_assets.errors import MigrationError


@dataclass(frozen=True)
class Written:
    page: Path
    document: Path


def write(profile: Profile, folder: Path, name: str) -> Written:
    """Writes `<name>.html` and `<name>.json`, for their owner alone; MigrationError where it cannot."""
    written = Written(folder / f"{name}.html", folder / f"{name}.json")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _put(written.page, page(profile))
        _put(written.document, json.dumps(document(profile), indent=1, ensure_ascii=False) + "\n")
    except OSError as error:
        raise MigrationError(
            f"The report cannot be written to {folder} ({error.strerror}).",
            advice="Name another folder by `--out`.",
        ) from None
    return written


def _put(file: Path, text: str) -> None:
    # made for its owner alone: it holds values of rows
    handle, aside = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        # a value that is no valid text is shown with a sign in its place
        with os.fdopen(handle, "wb") as opened:
            opened.write(text.encode("utf-8", "replace"))
        Path(aside).replace(file)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise
