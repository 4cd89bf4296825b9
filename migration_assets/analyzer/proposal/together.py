"""Tables beside one another: types that have to agree, and names that have to differ; pure."""

from collections.abc import Mapping
from dataclasses import replace

from migration_assets.analyzer.proposal import names
from migration_assets.analyzer.proposal.model import ProposedTable, Remark
from migration_assets.contracts.model import TableName


def aligned(tables: Mapping[TableName, ProposedTable]) -> dict[TableName, ProposedTable]:
    """A whole number that refers takes the type of what it refers to, or no foreign key could be made."""
    done = dict(tables)
    for _ in range(len(tables)):
        changed = False
        for place, table in done.items():
            wanted: dict[str, str] = {}
            for key in table.source.foreign_keys:
                parent = done.get(key.parent)
                for own, far in zip(key.columns, key.parent_columns, strict=False):
                    wanted |= _wanted(table, own, parent, far)
            if wanted:
                changed = True
                columns = tuple(
                    replace(column, type=wanted[column.name], logical_type="integer")
                    if column.name in wanted
                    else column
                    for column in table.columns
                )
                done[place] = replace(table, columns=columns)
        if not changed:
            return done
    return done


def _wanted(table: ProposedTable, own: str, parent: ProposedTable | None, far: str) -> dict[str, str]:
    try:
        child, other = table.column_of(own), parent.column_of(far) if parent else None
    except KeyError:
        return {}
    if other is None or other.type != "bigint" or child.type != "numeric(20,0)":
        return {}
    return {child.name: "bigint"}


def apart(tables: Mapping[TableName, ProposedTable]) -> dict[TableName, ProposedTable]:
    """Two tables that would be one in the target get names of their own."""
    seen: set[TableName] = set()
    made: dict[TableName, ProposedTable] = {}
    for place, table in tables.items():
        target, number = table.target, 2
        while target in seen:
            target = TableName(table.target.schema, names.shortened(f"{table.target.name}_{number}"))
            number += 1
        seen.add(target)
        if target != table.target:
            what = f"another table goes to {table.target}: it becomes {target}"
            table = replace(
                table, target=target, remarks=(*table.remarks, Remark("name collision", str(place), what))
            )
        made[place] = table
    return made
