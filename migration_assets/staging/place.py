"""Place: where the staged sets of one partition are kept; Staging: the root of all such places.

A path is `<set>/<stage>/<file>`, and a set's name is `<generation>-<run>`. Implementations are
`staging/folder.py` and `staging/s3.py`; one suite of behaviour holds for both.
"""

import hashlib
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Protocol

from migration_assets.staging.holding import Holding
from migration_assets.staging.manifest import StagedFile
from migration_assets.staging.scratch import Scratch


class Rows(Protocol):
    """A file of rows while it is written."""

    # Passing where it cannot be written now
    def write(self, lines: bytes) -> None: ...

    # what was written, for the manifest; the path may be another than the one asked for
    def staged(self) -> StagedFile: ...


class Place(Protocol):
    # names of the sets that are there, the one begun last first
    def names(self) -> list[str]: ...

    # names of sets in which a file was begun and never finished, where `names` may not have them
    def unfinished(self) -> list[str]: ...

    # paths of the whole files of a set, in the order of their names
    def files(self, name: str) -> list[str]: ...

    # an empty set of that name
    def begin(self, name: str) -> None: ...

    # away with a set and all that was begun in it; what cannot be removed is left for the next time
    def remove(self, name: str) -> None: ...

    # a file that is there only once it is whole, and never when an error leaves the block
    def writing(self, path: str) -> AbstractContextManager[Rows]: ...

    # a small text, whole or not at all; Passing where another one is written at the same moment
    def put(self, path: str, text: str) -> None: ...

    def text(self, path: str) -> str | None: ...

    # a file's bytes in pieces of up to so many bytes; StagingRefused where there is no such file. Whether
    # they are those that were written is for the reader to judge, by `changed_on_its_way` if they are not.
    def pieces(self, file: StagedFile, size: int) -> Iterator[bytes]: ...

    # whether the file itself is as it was written, when what came of a reading was not
    def changed_on_its_way(self, file: StagedFile) -> bool: ...

    # this place for that run alone, as soon as it is `taken`
    def holding(self, run: str) -> Holding: ...

    # a file on this machine that no name leads to, gone with its process
    def scratch(self) -> AbstractContextManager[Scratch]: ...


class Root(Protocol):
    """Where all places are."""

    # the folder or `s3://bucket/prefix`, as it may be shown
    @property
    def shown(self) -> str: ...

    def place(self, contract: str, partition: str) -> Place: ...

    # away with everything that is staged of a contract
    def forget(self, contract: str) -> None: ...

    # a root of its own, which is removed at the end
    def aside(self) -> "AbstractContextManager[Root]": ...

    # writes something and removes it; MigrationError where that may not be
    def try_out(self) -> None: ...

    # bytes that are free, None where nobody knows an end
    def free(self) -> int | None: ...


def slug(text: str) -> str:
    """A name that is safe in any file system and any key, and one-to-one with the text."""
    if re.fullmatch(r"[a-z0-9_-]{1,60}", text):
        return text
    plain = re.sub(r"[^a-z0-9_]+", "_", text.lower())[:40]
    return f"{plain}.{hashlib.sha256(text.encode()).hexdigest()[:12]}"
