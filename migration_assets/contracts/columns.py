"""A property of the standard in, a column of ours out."""

from migration_assets.contracts import nodes, pgtypes
from migration_assets.contracts.findings import Note, cut
from migration_assets.contracts.model import Column, TableName
from migration_assets.contracts.nodes import Node
from migration_assets.contracts.yaml_text import Path

#: where only the logical type is said
_DERIVED = {
    "string": "text",
    "integer": "bigint",
    "number": "numeric",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp without time zone",
    "time": "time without time zone",
    "object": "jsonb",
    "array": "jsonb",
    "map": "jsonb",
}

#: other databases' names, which PostgreSQL does not know
_FOREIGN = {
    "datetime": "timestamp",
    "datetime2": "timestamp",
    "smalldatetime": "timestamp",
    "tinyint": "smallint",
    "mediumint": "integer",
    "double": "double precision",
    "number": "numeric",
    "nvarchar": "varchar",
    "varchar2": "varchar",
    "nvarchar2": "varchar",
    "nchar": "char",
    "tinytext": "text",
    "mediumtext": "text",
    "longtext": "text",
    "clob": "text",
    "blob": "bytea",
    "tinyblob": "bytea",
    "mediumblob": "bytea",
    "longblob": "bytea",
    "binary": "bytea",
    "varbinary": "bytea",
    "uniqueidentifier": "uuid",
    "year": "smallint",
    "enum": "text",
    "set": "text",
    "table": "text",
}


def name_of(said: Node) -> str:
    """The column's name in the target."""
    return nodes.text(said, "physicalName") or nodes.text(said, "name")


def column(said: Node, path: Path, table: TableName, note: Note) -> Column:
    """The column, without its quality rules; `table` is the source's."""
    own, own_path = nodes.migration(said, path)
    expression = nodes.text(said, "transformLogic").strip() or None
    identity = own.get("identity")
    made = Column(
        name=name_of(said),
        type=_type(said, path, note),
        logical_type=nodes.text(said, "logicalType") or None,
        options=nodes.node(said.get("logicalTypeOptions")),
        required=nodes.flag(said, "required") or nodes.flag(said, "primaryKey"),
        unique=nodes.flag(said, "unique"),
        enum=tuple(
            nodes.written(entry["value"])
            for _, entry in nodes.children(said, path, "enum")
            if entry.get("value") is not None
        ),
        sources=_sources(said, table, expression),
        expression=expression,
        default=nodes.written(own["default"]) if "default" in own else None,
        identity=identity if identity in ("always", "by default") else None,
        check=nodes.text(own, "check") or None,
        description=nodes.text(said, "description").strip(),
        classification=nodes.text(said, "classification") or None,
        tags=nodes.texts(said, "tags"),
    )
    if made.identity and pgtypes.parse(made.type).family != "integer":
        note((*own_path, "identity"), f"a column of type {made.type} cannot count", "Take integer or bigint.")
    if made.identity and made.default is not None:
        note((*own_path, "default"), "a column that counts by itself has no default", "Keep one of the two.")
    return made


def source_name(text: str, table: TableName) -> str:
    """The source's column that the text names: what follows the last part that is the table's name.

    `crm.customers.email`, `customers.email` and `email` are the same; a name with a dot in it stands
    in double quotes."""
    parts = _dotted(text)
    for at in range(len(parts) - 1, 0, -1):
        if parts[at - 1].casefold() == table.name.casefold():
            return ".".join(parts[at:])
    return ".".join(parts)


def _sources(said: Node, table: TableName, expression: str | None) -> tuple[str, ...]:
    listed = tuple(source_name(text, table) for text in nodes.texts(said, "transformSourceObjects") if text)
    if listed or expression is not None:
        return tuple(dict.fromkeys(listed))
    return (nodes.text(said, "name"),)


def _dotted(text: str) -> list[str]:
    parts: list[str] = []
    rest = text
    while rest:
        if rest.startswith('"') and (end := _closing(rest)) > 0:
            parts.append(rest[1:end].replace('""', '"'))
            rest = rest[end + 1 :].removeprefix(".")
        else:
            part, _, rest = rest.partition(".")
            parts.append(part)
    return parts


def _closing(text: str) -> int:
    """Where the quote closes that the text begins with, if a dot or nothing follows; else 0."""
    at = 1
    while (at := text.find('"', at)) > 0:
        if text[at + 1 : at + 2] == '"':
            at += 2
        else:
            return at if text[at + 1 : at + 2] in ("", ".") else 0
    return 0


def _type(said: Node, path: Path, note: Note) -> str:
    physical, logical = nodes.text(said, "physicalType").strip(), nodes.text(said, "logicalType")
    if not physical:
        return _derived(said, path, logical, note)
    try:
        parsed = pgtypes.parse(physical)
    except ValueError:
        note((*path, "physicalType"), f"`{cut(physical)}` is no type of PostgreSQL", _right(physical))
        return "text"
    if parsed.name in _FOREIGN:
        note((*path, "physicalType"), f"`{cut(physical)}` is no type of PostgreSQL", _right(parsed.name))
        return "text"
    return physical


def _right(physical: str) -> str:
    head = physical.lower().partition("(")[0].removesuffix(" unsigned").strip()
    better = _FOREIGN.get(head)
    return (
        f"It is `{better}` there." if better else "Write it as PostgreSQL does, for example `numeric(12,2)`."
    )


def _derived(said: Node, path: Path, logical: str, note: Note) -> str:
    if logical == "timestamp" and nodes.flag(said.get("logicalTypeOptions"), "timezone"):
        return "timestamp with time zone"
    if logical not in _DERIVED and "physicalType" not in said:
        what = f"`{logical}` has no type of its own in PostgreSQL" if logical else "the column has no type"
        note(path, what, "Say `physicalType`.")
    return _DERIVED.get(logical, "text")
