"""What to do with a wave that was sent, given what lies in the place."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from migration_assets.errors import WaveRefused
from migration_assets.waves.document import parsed
from migration_assets.waves.model import Wave
from migration_assets.waves.places.base import Document

#: wave files with another ending are not read
ENDING = ".yaml"


@dataclass(frozen=True)
class Write:
    """Into the file of that name, if it still is what `expected` names (None: not there)."""

    name: str
    expected: str | None


@dataclass(frozen=True)
class Drop:
    """It has had its effect, or a newer one has."""


@dataclass(frozen=True)
class Refuse:
    reason: str


@dataclass(frozen=True)
class Look:
    """The place is to be read once more before anything can be said."""


Decision = Write | Drop | Refuse | Look


@dataclass(frozen=True)
class Standing:
    """A wave as it lies in the place."""

    version: int
    digest: str
    file: str
    #: None where the file was written and not read since
    token: str | None


@dataclass(frozen=True)
class Shelf:
    """What lies in the place: waves by name, and what the other files are called."""

    waves: Mapping[str, Standing] = field(default_factory=lambda: MappingProxyType({}))
    others: frozenset[str] = frozenset()

    def written(self, wave: Wave, file: str) -> "Shelf":
        """As it is after the wave was written into that file."""
        return replace(self, waves={**self.waves, wave.name: Standing(wave.version, wave.digest, file, None)})


def shelf(documents: Iterable[Document]) -> Shelf:
    """Of two files with one wave the newer version counts; a file that is no wave only has its name."""
    waves: dict[str, Standing] = {}
    names: set[str] = set()
    for document in documents:
        names.add(document.name)
        if not document.name.endswith(ENDING):
            continue
        try:
            wave = parsed(document.text, document.origin)
        except WaveRefused:
            continue
        known = waves.get(wave.name)
        if known is None or wave.version > known.version:
            waves[wave.name] = Standing(wave.version, wave.digest, document.name, document.token)
    return Shelf(waves, frozenset(names - {each.file for each in waves.values()}))


def decide(sent: Wave, there: Shelf) -> Decision:
    """
    in the place    version that was sent   content   its file           decision
    no such wave    -                       -         nothing's yet      write
    no such wave    -                       -         something else's   refuse
    the wave        newer                   -         as it was read     write, over its file
    the wave        newer                   -         written since      look again
    the wave        same                    same      -                  drop: a duplicate
    the wave        same                    other     -                  refuse
    the wave        older                   -         -                  drop: overtaken
    """
    known = there.waves.get(sent.name)
    if known is None:
        file = f"{sent.name}{ENDING}"
        taken = file in there.others or any(each.file == file for each in there.waves.values())
        return Refuse(_taken(sent, file)) if taken else Write(file, None)
    if sent.version > known.version:
        return Look() if known.token is None else Write(known.file, known.token)
    if sent.version == known.version and sent.digest != known.digest:
        return Refuse(
            f"Version {sent.version} of the wave {sent.name} is there with other content. "
            f"Send it as version {known.version + 1}."
        )
    return Drop()


def _taken(sent: Wave, file: str) -> str:
    return (
        f"The wave {sent.name} belongs into the file {file}, and that holds something else. "
        "Correct or rename that file, then send the message again."
    )
