"""References that nobody declared: guessed by names and types, to be confirmed by the values."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from migration_assets.analyzer.catalog.model import Catalog, CatalogColumn, CatalogTable

#: values of a column that are looked up in the parent
LOOKED = 1000
#: the part of them that the parent has to have
INCLUDED = 0.95
#: guesses that are looked up for one table
MOST = 20
_VAGUE = frozenset({"id", "key", "no", "nr", "num", "number", "code", "uuid", "guid", "name"})
_IDS = ("id", "key", "no", "nr", "num", "number", "code", "uuid", "guid")


@dataclass(frozen=True)
class Guess:
    child: CatalogTable
    column: str
    parent: CatalogTable
    parent_column: str
    #: what the names say
    why: str


def guesses(catalog: Catalog) -> Iterator[Guess]:
    """Columns called after a table and its one-column key, or exactly as such a key is called."""
    parents = _parents(catalog)
    called: dict[str, list[tuple[CatalogTable, str]]] = {}
    by_key: dict[str, list[tuple[CatalogTable, str]]] = {}
    for table, key in parents:
        for name in _callings(table.name, key):
            called.setdefault(name, []).append((table, key))
        if _folded(key) not in _VAGUE:
            by_key.setdefault(_folded(key), []).append((table, key))
    for child in catalog.tables:
        declared = {column for key in child.foreign_keys for column in key.columns}
        found = 0
        for column in child.columns:
            if column.name in declared or found >= MOST:
                continue
            name = _folded(column.name)
            # of two tables with the same key neither refers to the other one by it
            alike = () if (column.name,) in child.keys else by_key.get(name, ())
            for parent, key in (*called.get(name, ()), *alike):
                if not _is_own_key(child, column.name, parent) and _alike(column, parent.column(key)):
                    found += 1
                    yield Guess(child, column.name, parent, key, f"it is called after {parent.name}.{key}")
                    break


def confirmed(guess: Guess, absent: int, looked: int) -> str | None:
    """What speaks for it; None where the values speak against it, or there are none."""
    if not looked or absent > (1 - INCLUDED) * looked:
        return None
    return f"{guess.why}; {looked - absent} of {looked} different values looked up are there"


def _parents(catalog: Catalog) -> list[tuple[CatalogTable, str]]:
    """Tables with a key of one column."""
    found: list[tuple[CatalogTable, str]] = []
    for table in catalog.tables:
        single = [key[0] for key in table.keys if len(key) == 1]
        if single:
            found.append((table, single[0]))
    return found


def _callings(table: str, key: str) -> set[str]:
    """What a column would be called that refers to the key."""
    one, plain = _singular(_folded(table)), _folded(key)
    names = {f"{one}{plain}", f"{_folded(table)}{plain}"}
    if plain.endswith("id") or plain in _IDS:
        names |= {f"{one}id"}
    return names


def _is_own_key(child: CatalogTable, column: str, parent: CatalogTable) -> bool:
    return child is parent and any(column in key for key in child.keys)


def _alike(own: CatalogColumn, far: CatalogColumn) -> bool:
    return _kind(own) == _kind(far)


def _kind(column: CatalogColumn) -> str:
    said = (column.carries or column.declared).lower()
    if re.search(r"int|serial|numeric|decimal|number", said):
        return "number"
    return "text" if re.search(r"char|text|string|clob|citext", said) else said


def _singular(name: str) -> str:
    for ending, better in (("ies", "y"), ("sses", "ss"), ("s", "")):
        if name.endswith(ending) and not name.endswith("ss"):
            return name.removesuffix(ending) + better
    return name


def _folded(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
