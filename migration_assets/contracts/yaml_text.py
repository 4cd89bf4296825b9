"""YAML text in, plain values out, read so that a scalar stays what was written.

Only what JSON would take for it is a number, a truth value or nothing (`12`, `-0.5`, `true`, `null`);
`NO`, `010`, `0x1F`, `2019-01-01` and `12:30:00` are text. Anchors, aliases, tags, several documents
and duplicate keys are refused, so that no text can mean more than it shows.
"""

import re
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

import yaml

#: bytes of one file
SIZE_LIMIT = 1_048_576
#: mappings and lists within one another
DEPTH_LIMIT = 50

#: where a value stands in the document: keys of mappings, numbers of list entries
Path = tuple[str | int, ...]

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,999})")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,999})(?:\.[0-9]{1,999})?(?:[eE][-+]?[0-9]{1,3})?")
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}
_STRING_TAGS = ("!", "tag:yaml.org,2002:str")


class YamlError(ValueError):
    """What is wrong with the text, in which line (counted from 1; 0 where none can be named)."""

    def __init__(self, what: str, line: int = 0, right: str = "") -> None:
        self.what = what
        self.line = line
        self.right = right
        super().__init__(what)


@dataclass(frozen=True)
class Document:
    """What the text says; numbers with a fraction are Decimals, as written."""

    text: str
    value: Any

    def line(self, path: Sequence[str | int]) -> int:
        """The line, from 1, of the value at the path, or of the nearest one around it."""
        wanted = tuple(path)
        while wanted and wanted not in self._places:
            wanted = wanted[:-1]
        return self._places.get(wanted, (1, ""))[0]

    def written(self, path: Sequence[str | int]) -> str:
        """The scalar at the path as it was written; empty where there is none."""
        return self._places.get(tuple(path), (0, ""))[1]

    @cached_property
    def _places(self) -> dict[Path, tuple[int, str]]:
        places: dict[Path, tuple[int, str]] = {}
        _build(self.text, places)
        return places


def read(data: bytes) -> Document:
    """The document in the bytes; YamlError for anything that is not plain, single and small."""
    if len(data) > SIZE_LIMIT:
        raise YamlError(f"it has {len(data):,} bytes", right=f"At most {SIZE_LIMIT:,} are read.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = data.count(b"\n", 0, fault.start) + 1
        raise YamlError("it is not UTF-8", line, "Save it as UTF-8.") from None
    return Document(text, _build(text, None))


class _Frame:
    """A mapping or a list that is not yet closed; `key` waits for its value."""

    __slots__ = ("key", "keys", "mapping", "path", "value")

    def __init__(self, mapping: bool, path: Path) -> None:
        self.mapping = mapping
        self.value: Any = {} if mapping else []
        self.key: str | None = None
        self.keys: dict[str, int] = {}
        self.path = path

    def place(self) -> Path:
        """The path of the value that comes next."""
        return (*self.path, self.key if self.mapping else len(self.value))  # type: ignore[return-value]

    def put(self, value: Any) -> None:
        if self.mapping:
            self.value[self.key] = value
            self.key = None
        else:
            self.value.append(value)


def _build(text: str, places: dict[Path, tuple[int, str]] | None) -> Any:
    """The value of the text; fills `places` with the line and the text of each value, if given."""
    with _opened(text) as take:
        return _taken(take, places)


def _taken(take: Callable[[], Any], places: dict[Path, tuple[int, str]] | None) -> Any:
    root = _Frame(False, ())
    stack = [root]
    while (kind := type(event := take())) is not yaml.StreamEndEvent:
        top = stack[-1]
        if kind is yaml.ScalarEvent:
            if event.anchor is not None or event.tag is not None:
                _refuse_marks(event)
            if top.mapping and top.key is None:
                _take_key(top, event)
                continue
            if places is not None:
                places[top.place()[1:]] = (event.start_mark.line + 1, event.value)
            plain = event.tag is None and not event.style
            top.put(_scalar(event.value) if plain else event.value)
        elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
            _refuse_nesting(event, top, len(stack))
            place = top.place() if places is not None else ()
            if places is not None:
                places[place[1:]] = (event.start_mark.line + 1, "")
            frame = _Frame(kind is yaml.MappingStartEvent, place)
            top.put(frame.value)
            stack.append(frame)
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            stack.pop()
        elif kind is yaml.AliasEvent:
            raise YamlError(f"`*{event.anchor}` is an alias", _line(event), "Write the value out.")
        elif kind is yaml.DocumentStartEvent and root.value:
            raise YamlError("a second document begins", _line(event), "One file holds one contract.")
    return root.value[0] if root.value else None


@contextmanager
def _opened(text: str) -> Generator[Callable[[], Any]]:
    """What gives the events of the text, one with each call."""
    loader: Any = None
    try:
        loader = _LOADER(text)
        yield loader.get_event
    except yaml.MarkedYAMLError as fault:
        mark = fault.problem_mark or fault.context_mark
        raise YamlError(f"it is not YAML: {fault.problem}", mark.line + 1 if mark else 0) from None
    except yaml.reader.ReaderError as fault:
        line = text.count("\n", 0, fault.position) + 1
        raise YamlError("it is not YAML: a character that may not stand in it", line) from None
    except yaml.YAMLError:
        raise YamlError("it is not YAML") from None
    finally:
        if loader is not None:
            loader.dispose()


def _take_key(frame: _Frame, event: Any) -> None:
    key: str = event.value
    if key in frame.keys:
        what = f"`{key[:60]}` stands here twice, first in line {frame.keys[key]}"
        raise YamlError(what, _line(event), "Keep one of them.")
    frame.keys[key] = _line(event)
    frame.key = key


def _refuse_marks(event: Any) -> None:
    if event.anchor is not None:
        raise YamlError(f"`&{event.anchor}` is an anchor", _line(event), "Write the value out.")
    if event.tag is not None and event.tag not in _STRING_TAGS:
        raise YamlError("a tag stands before a value", _line(event), "Write the plain value.")


def _refuse_nesting(event: Any, top: _Frame, depth: int) -> None:
    _refuse_marks(event)
    if top.mapping and top.key is None:
        raise YamlError("a key is a list or a mapping", _line(event), "A key is a word.")
    if depth > DEPTH_LIMIT:
        raise YamlError("it is nested too deep", _line(event), f"At most {DEPTH_LIMIT} levels are read.")


def _scalar(text: str) -> Any:
    if text in _WORDS:
        return _WORDS[text]
    if text[0] in "-0123456789":
        if _INTEGER.fullmatch(text):
            return int(text)
        if _DECIMAL.fullmatch(text):
            return Decimal(text)
    return text


def _line(event: Any) -> int:
    return event.start_mark.line + 1
