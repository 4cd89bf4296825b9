"""What a place of wave files must be able to do."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Document:
    """A wave file as it lies there, read whole."""

    #: the file's name within its place: `first.yaml`
    name: str
    text: bytes
    #: where it lies, for people: a path, or `s3://bucket/waves/first.yaml`
    origin: str
    #: what the place calls this very content; another content has another token
    token: str


class Place(Protocol):
    # every wave file by its name, in the order of names; a place that is not there yet has none
    def documents(self) -> Iterator[Document]: ...

    # writes the file whole or not at all, if it is still what `expected` names (None: not there);
    # Passing where somebody else was faster
    def put(self, name: str, text: bytes, expected: str | None) -> None: ...
