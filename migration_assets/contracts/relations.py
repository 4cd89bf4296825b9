"""Relationships of the standard in, references that are yet to find their parents out."""

from collections.abc import Mapping
from dataclasses import dataclass

from migration_assets.contracts import nodes
from migration_assets.contracts.findings import Note, cut, meant
from migration_assets.contracts.nodes import Node
from migration_assets.contracts.yaml_text import Path


@dataclass(frozen=True)
class Wanted:
    """A foreign key as the document says it."""

    path: Path
    #: columns of this contract's table
    columns: tuple[str, ...]
    #: the parent as the document calls it, and its columns likewise
    parent: str
    parent_columns: tuple[str, ...]
    deferred: bool


def of_column(said: Node, path: Path, column: str, note: Note) -> list[Wanted]:
    """The references that a property says of itself."""
    found: list[Wanted] = []
    for entry, relation in nodes.children(said, path, "relationships"):
        to = _far_end(relation, (*entry, "to"), note)
        if to is not None:
            found.append(Wanted(entry, (column,), *to, _deferred(relation, entry)))
    return found


def of_table(
    said: Node, path: Path, own: frozenset[str], names: Mapping[str, str], note: Note
) -> list[Wanted]:
    """The references that a table says of several of its columns; `own` are the table's own names."""
    found: list[Wanted] = []
    for entry, relation in nodes.children(said, path, "relationships"):
        near = _near_end(relation, (*entry, "from"), own, names, note)
        to = _far_end(relation, (*entry, "to"), note)
        if near is not None and to is not None:
            found.append(Wanted(entry, near, *to, _deferred(relation, entry)))
    return found


def _near_end(
    relation: Node, path: Path, own: frozenset[str], names: Mapping[str, str], note: Note
) -> tuple[str, ...] | None:
    columns: list[str] = []
    for text in nodes.texts(relation, "from"):
        table, _, column = text.rpartition(".")
        if table not in own:
            note(
                path, f"`{cut(text)}` is no column of this table", f"Write it as `{min(own)}.{cut(column)}`."
            )
        elif column not in names:
            note(path, f"there is no column `{cut(column)}`", meant(column, names))
        else:
            columns.append(names[column])
            continue
        return None
    return tuple(columns) or None


def _far_end(relation: Node, path: Path, note: Note) -> tuple[str, tuple[str, ...]] | None:
    said = nodes.texts(relation, "to")
    ends = [text.rpartition(".") for text in said if "/" not in text and "." in text]
    if not ends or len(ends) != len(said):
        note(path, "it names no column of a table", "Write `table.column`.")
        return None
    if len({table for table, _, _ in ends}) > 1:
        note(path, "its columns are of more than one table", "A reference has one parent.")
        return None
    return ends[0][0], tuple(column for _, _, column in ends)


def _deferred(relation: Node, path: Path) -> bool:
    return nodes.flag(nodes.migration(relation, path)[0], "deferred")
