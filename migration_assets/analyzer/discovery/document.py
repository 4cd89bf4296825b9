"""A proposed table as a document of the Open Data Contract Standard."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.engine import make_url

from migration_assets.analyzer.catalog.model import Catalog
from migration_assets.analyzer.discovery.record import recorded
from migration_assets.analyzer.discovery.yaml_words import Flow
from migration_assets.analyzer.proposal.model import ProposedColumn, ProposedReference, ProposedTable
from migration_assets.contracts.model import TableName

VERSION = "v3.1.0"
_TYPES = {"postgres": "postgresql", "mysql": "mysql", "sqlite": "custom", "sqlalchemy": "custom"}
_PORTS = {"postgresql": 5432, "mysql": 3306}


@dataclass(frozen=True)
class Ends:
    """The two servers as every contract of a discovery says them."""

    source: Mapping[str, Any]
    target: Mapping[str, Any]
    domain: str
    source_schema: str | None = None
    target_schema: str = "public"


def server(name: str, backend: str, url: str, schema: str | None, tls: str | None = None) -> Flow:
    """A server's entry: never a user and never a password. `url` may be empty."""
    said = _place(name, backend, url, schema)
    if tls:
        said["customProperties"] = [Flow(property="migration", value=Flow(tls=tls))]
    return said


def _place(name: str, backend: str, url: str, schema: str | None) -> Flow:
    kind = _TYPES[backend]
    said = Flow(server=name, type=kind)
    found = make_url(url or f"{kind}://localhost/{name}")
    if kind == "custom":
        return Flow(**said, description=found.get_backend_name())
    host = found.host or found.query.get("host") or "localhost"
    said |= {"host": host if isinstance(host, str) and not host.startswith("/") else "localhost"}
    said |= {"port": found.port or _PORTS[kind], "database": found.database or ""}
    if not said["database"]:
        del said["database"]
        said["database"] = schema or name
    return Flow(**said, **({"schema": schema} if schema and kind == "postgresql" else {}))


def document(table: ProposedTable, catalog: Catalog, ends: Ends) -> dict[str, Any]:
    said: dict[str, Any] = {
        "apiVersion": VERSION,
        "kind": "DataContract",
        "id": f"{ends.domain}-{table.name}".lower().replace("_", "-"),
        "name": table.name,
        "version": "1.0.0",
        "status": "draft",
        "domain": ends.domain,
        "tags": [f"wave:{table.wave}"],
    }
    if table.source.comment.strip():
        said["description"] = {"purpose": table.source.comment.strip()}
    said["servers"] = [ends.source, ends.target]
    said["customProperties"] = [
        {"property": "migration", "value": _migration(table, ends)},
        {"property": "discovered", "value": recorded(table, catalog)},
    ]
    said["schema"] = [_schema(table, ends)]
    return said


def _migration(table: ProposedTable, ends: Ends) -> dict[str, Any]:
    source = table.source
    schema = None if source.schema == ends.source_schema else source.schema
    value: dict[str, Any] = {
        "kind": "table",
        "source": ends.source["server"],
        "target": ends.target["server"],
        "from": Flow(table=spelled(TableName(schema, source.name))),
    }
    if table.partitions is not None:
        parted = table.partitions
        value["partitions"] = Flow(by="key", rows=parted.rows, column=parted.column)
    value["load"] = Flow(mode="replace")
    value["priority"] = table.priority
    unique = [list(columns) for columns in table.unique if len(columns) > 1]
    if unique:
        value["unique"] = unique
    if table.indexes:
        value["indexes"] = [
            Flow(columns=list(columns), **({"unique": True} if unique else {}))
            for columns, unique in table.indexes
        ]
    if table.checks:
        value["checks"] = dict(table.checks)
    return value


def _schema(table: ProposedTable, ends: Ends) -> dict[str, Any]:
    schema = None if table.target.schema == ends.target_schema else table.target.schema
    said: dict[str, Any] = {
        "name": table.name,
        "physicalName": spelled(TableName(schema, table.target.name)),
        "physicalType": "table",
    }
    several = [relation(table.name, each) for each in table.references if len(each.columns) > 1]
    if several:
        said["relationships"] = several
    said["properties"] = [property_of(column, table) for column in table.columns]
    return said


def property_of(column: ProposedColumn, table: ProposedTable) -> dict[str, Any]:
    source = column.source
    said: dict[str, Any] = {"name": source.name}
    if column.name != source.name:
        said["physicalName"] = column.name
    if source.comment.strip():
        said["description"] = source.comment.strip()
    said |= {"logicalType": column.logical_type, "physicalType": column.type}
    if column.name in table.primary_key:
        said["primaryKey"] = True
        if len(table.primary_key) > 1:
            said["primaryKeyPosition"] = table.primary_key.index(column.name) + 1
    if not source.nullable:
        said["required"] = True
    if (column.name,) in table.unique:
        said["unique"] = True
    if table.partitions is not None and table.partitions.column == source.name:
        said |= {"partitioned": True, "partitionKeyPosition": 1}
    if column.personal is not None:
        said["classification"] = column.personal.classification
    if column.enum:
        said["enum"] = [Flow(value=label) for label in column.enum]
    single = [relation(table.name, each) for each in table.references if each.columns == (column.name,)]
    if single:
        said["relationships"] = single
    custom = _custom(column)
    if custom:
        said["customProperties"] = custom
    return said


def _custom(column: ProposedColumn) -> list[Flow]:
    own = {"identity": column.identity} if column.identity else {}
    if column.default is not None and not column.identity:
        own["default"] = column.default  # type: ignore[assignment]
    reasons = {"why": column.why} if column.why else {}
    if column.personal is not None:
        reasons |= {"personal": column.personal.what, "evidence": column.personal.evidence}
    return [
        Flow(property=name, value=Flow(**value))
        for name, value in (("migration", own), ("discovered", reasons))
        if value
    ]


def relation(table: str, reference: ProposedReference) -> Flow:
    """As the standard has it: of one column by itself, of several with both ends."""
    to = [f"{reference.parent}.{column}" for column in reference.parent_columns]
    said = Flow(type="foreignKey")
    if len(to) == 1:
        said["to"] = to[0]
    else:
        said |= {"from": [f"{table}.{column}" for column in reference.columns], "to": to}
    if reference.deferred:
        said["customProperties"] = [Flow(property="migration", value=Flow(deferred=True))]
    return said


def spelled(table: TableName) -> str:
    """As contracts write a table's name: a part with a dot or a quote in it in double quotes."""
    parts = [part for part in (table.schema, table.name) if part]
    return ".".join(
        '"' + part.replace('"', '""') + '"' if "." in part or '"' in part else part for part in parts
    )
