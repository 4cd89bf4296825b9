"""Names for what is made: the source's own where that can be, and what had to be changed."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence

from migration_assets.analyzer.catalog.model import Catalog, CatalogTable
from migration_assets.analyzer.proposal.model import Remark
from migration_assets.contracts.model import TableName
from migration_assets.contracts.soundness import IDENTIFIER_LIMIT

#: letters of a contract's name, so that its file and its assets can be called by it
_CONTRACT_LIMIT = 120
_BREAKS = ("\0", "\n", "\r")


def contract_names(
    catalog: Catalog, known: Mapping[TableName, str], taken: Iterable[str] = ()
) -> Mapping[TableName, str]:
    """A name for the contract of each table; those that differ in letter case alone get numbers.

    `known` are names that tables' contracts have already, `taken` those of other contracts.

    A table's schema goes before its name where two schemas have a table of it."""
    used = {name.casefold() for name in (*taken, *known.values())}
    twice = _twice(_plain(table.name) for table in catalog.tables)
    names: dict[TableName, str] = {}
    for table in catalog.tables:
        if table.table in known:
            names[table.table] = known[table.table]
            continue
        plain = _plain(table.name)
        if plain.casefold() in twice and table.schema and len(schemas(catalog)) > 1:
            plain = _plain(f"{table.schema}_{table.name}")
        name, number = plain, 2
        while name.casefold() in used:
            name, number = f"{plain}_{number}", number + 1
        used.add(name.casefold())
        names[table.table] = name
    return names


def schemas(catalog: Catalog) -> tuple[str, ...]:
    return tuple(dict.fromkeys(table.schema for table in catalog.tables if table.schema))


def target_place(table: CatalogTable, catalog: Catalog, target_schema: str) -> TableName:
    """Its schema stays where the source has several; a single one becomes the target's."""
    several = len(schemas(catalog)) > 1
    keeps = table.schema and (several or catalog.backend == "postgres")
    schema = shortened(table.schema or "") if keeps else target_schema
    return TableName(schema, shortened(table.name))


def shortened(name: str) -> str:
    """The name, cut to what PostgreSQL keeps of one, and then told apart by a hash of the whole."""
    for sign in _BREAKS:
        name = name.replace(sign, "_")
    raw = name.encode("utf-8", "surrogatepass")
    if len(raw) <= IDENTIFIER_LIMIT:
        return name
    mark = "_" + hashlib.sha256(raw).hexdigest()[:8]
    return raw[: IDENTIFIER_LIMIT - len(mark)].decode("utf-8", "ignore") + mark


def can_be_said(name: str) -> bool:
    """Whether a contract may name it."""
    return bool(name) and not any(sign in name for sign in _BREAKS)


def remarks(table: CatalogTable, target: TableName) -> list[Remark]:
    found: list[Remark] = []
    pairs: Sequence[tuple[str, str, str | None]] = [
        (table.name, target.name, None),
        *((c.name, shortened(c.name), c.name) for c in table.columns if can_be_said(c.name)),
    ]
    for source, made, column in pairs:
        if source != made:
            size = len(source.encode("utf-8", "surrogatepass"))
            what = f"its name has {size} bytes, PostgreSQL keeps {IDENTIFIER_LIMIT}: it becomes {made}"
            found.append(Remark("long name", str(table.table), what, column))
    for folded in _twice(column.name for column in table.columns):
        alike = [column.name for column in table.columns if column.name.casefold() == folded]
        what = f"{' and '.join(alike)} differ in letter case alone: no expression can tell them apart"
        found.append(Remark("name collision", str(table.table), what))
    return found


def _plain(name: str) -> str:
    plain = re.sub(r"[^A-Za-z0-9_]+", "_", name).strip("_")
    plain = plain if plain[:1].isalpha() else f"table_{plain}".rstrip("_")
    if len(plain) > _CONTRACT_LIMIT:
        plain = f"{plain[:_CONTRACT_LIMIT]}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"
    return plain


def _twice(names: Iterable[str]) -> frozenset[str]:
    seen: set[str] = set()
    twice: set[str] = set()
    for name in names:
        (twice if name.casefold() in seen else seen).add(name.casefold())
    return frozenset(twice)
