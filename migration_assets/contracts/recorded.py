"""What a contract keeps of the source as it was when it was written: the custom property `discovered`."""

import re
from collections.abc import Iterator

from migration_assets.contracts import nodes
from migration_assets.contracts.model import Recorded, RecordedColumn
from migration_assets.contracts.nodes import Node

#: the name of the custom property
DISCOVERED = "discovered"

#: MySQL's width of display, which some versions print and others do not
_WIDTH = re.compile(r"\b((?:tiny|small|medium|big)?int|year)\(\d+\)")


def same_type(one: str, other: str) -> bool:
    """Whether two declared types are one type, as different versions of a server print it."""
    return _WIDTH.sub(r"\1", one.strip()) == _WIDTH.sub(r"\1", other.strip())


def recorded(said: Node) -> Recorded | None:
    """None where no discovery has written the contract, or where its record was taken out."""
    for _, custom in nodes.children(said, (), "customProperties"):
        value = nodes.node(custom.get("value"))
        if custom.get("property") == DISCOVERED and value.get("columns"):
            return Recorded(
                tuple(_columns(value)),
                nodes.texts(value, "key"),
                tuple(
                    tuple(str(name) for name in listed)
                    for listed in nodes.items(value, "unique")
                    if isinstance(listed, list)
                ),
                nodes.texts(value, "references"),
            )
    return None


def _columns(value: Node) -> Iterator[RecordedColumn]:
    for _, entry in nodes.children(value, (), "columns"):
        name, declared = nodes.text(entry, "name"), nodes.text(entry, "type")
        yield RecordedColumn(
            name,
            declared,
            nodes.flag(entry, "required"),
            nodes.text(entry, "as"),
            nodes.texts(entry, "values"),
        )
