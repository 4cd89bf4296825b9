"""What is found wrong with one document: where, what, and what would be right."""

import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from migration_assets.contracts.yaml_text import Document, Path
from migration_assets.errors import Fault


@dataclass(frozen=True)
class Finding:
    path: Path
    what: str
    right: str = ""

    def fault(self, file: str, document: Document) -> Fault:
        return Fault(file, shown(self.path), self.what, self.right, document.line(self.path))


#: takes a finding down: path, what is wrong, what would be right
Note = Callable[[Path, str, str], None]


def shown(path: Path) -> str:
    """`schema[0].properties[3].physicalType`"""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


def nearest(word: str, known: Iterable[str], likeness: float = 0.6) -> str | None:
    """The known word that was probably meant."""
    words = {entry.casefold(): entry for entry in sorted(known)}
    close = difflib.get_close_matches(word.casefold(), words, n=1, cutoff=likeness)
    return words[close[0]] if close else None


def meant(word: str, known: Iterable[str]) -> str:
    """Did you mean this one?, or which ones there are, as a sentence."""
    there = sorted(known)
    close = nearest(word, there)
    if close is not None:
        return f"Did you mean `{close}`?"
    if 0 < len(there) <= 20:
        return f"There {'is' if len(there) == 1 else 'are'} {', '.join(f'`{entry}`' for entry in there)}."
    return ""


def cut(value: object, length: int = 40) -> str:
    """A scalar as it may stand in a sentence."""
    text = "true" if value is True else "false" if value is False else str(value)
    text = "".join(sign if sign.isprintable() else "�" for sign in text)
    return text if len(text) <= length else f"{text[: length - 1]}…"
