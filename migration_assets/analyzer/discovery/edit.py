"""A contract's text in, the same text with the source's changes out; all else stays as a person wrote it."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from migration_assets.analyzer.discovery import document, record
from migration_assets.analyzer.discovery.drift import Change
from migration_assets.analyzer.discovery.yaml_words import Flow
from migration_assets.analyzer.proposal.model import ProposedTable
from migration_assets.contracts.model import Column, Contract
from migration_assets.contracts.recorded import DISCOVERED


@dataclass(frozen=True)
class Edited:
    text: str
    #: what is left to a person, in sentences
    left: tuple[str, ...] = ()


@dataclass
class _Contract:
    """The document while it is edited."""

    said: Any
    contract: Contract
    table: ProposedTable
    left: list[str] = field(default_factory=list)

    @property
    def schema(self) -> Any:
        return self.said["schema"][0]

    @property
    def migration(self) -> Any:
        return _custom(self.said, "migration")

    def column(self, source: str) -> Column | None:
        """The column that is the source's and nothing else."""
        found = [c for c in self.contract.columns if c.sources == (source,) and c.expression is None]
        return found[0] if found else None

    def property(self, column: Column) -> Any:
        for entry in self.schema["properties"]:
            if (entry.get("physicalName") or entry["name"]) == column.name:
                return entry
        raise KeyError(column.name)


def edited(text: str, contract: Contract, table: ProposedTable, changes: Sequence[Change]) -> Edited:
    """Each change is made where the file still says what was proposed; else it is left, and told."""
    yaml = _yaml()
    at = _Contract(yaml.load(text), contract, table)
    steps = {
        "column renamed": _rename,
        "column dropped": _drop,
        "column retyped": _retype,
        "column added": _add,
        "key changed": _key,
        "unique changed": _unique,
        "references changed": _references,
    }
    for kind, step in steps.items():
        for change in changes:
            if change.kind == kind:
                step(at, change)
    _record(at)
    out = io.StringIO()
    yaml.dump(at.said, out)
    return Edited(out.getvalue(), tuple(at.left))


def _rename(at: _Contract, change: Change) -> None:
    for entry in at.schema["properties"]:
        listed = entry.get("transformSourceObjects")
        if listed and change.before in listed:
            entry["transformSourceObjects"] = _flow(
                [change.after if n == change.before else n for n in listed]
            )
        elif not listed and entry["name"] == change.before and "transformLogic" not in entry:
            entry["transformSourceObjects"] = _flow([change.after])
        if change.before in str(entry.get("transformLogic", "")):
            at.left.append(f"transformLogic of {entry['name']} still names {change.before}")
    parted = at.migration.get("partitions")
    if parted and parted.get("column") == change.before:
        parted["column"] = change.after


def _drop(at: _Contract, change: Change) -> None:
    name = change.column or ""
    for column in at.contract.columns:
        if name in column.sources and (len(column.sources) > 1 or column.expression):
            at.left.append(f"column {column.name} is still made from {name}, which is gone")
    column = at.column(name)
    if column is None:
        return
    at.schema["properties"].remove(at.property(column))
    _without(at.schema, "relationships", lambda each: f".{column.name}" in " ".join(each.get("from") or ()))
    _without(at.migration, "indexes", lambda each: column.name in each["columns"])
    _without(at.migration, "unique", lambda each: column.name in each)
    for check, condition in list(at.contract.checks.items()):
        if column.name in condition:
            at.left.append(f"check {check} still names {column.name}, which is gone")
    parted = at.migration.get("partitions")
    if parted and parted.get("column") in (name, column.name):
        del at.migration["partitions"]
        at.left.append(f"it was parted by {name}, which is gone: it is in one part now")


def _retype(at: _Contract, change: Change) -> None:
    name = change.column or ""
    before = next(c for c in at.contract.recorded.columns if c.name == name) if at.contract.recorded else None
    column, new = at.column(name), at.table.column_of(name)
    if column is None or before is None:
        at.left.append(f"{name} is {change.after} now: look at what is made from it")
        return
    entry = at.property(column)
    if column.type == before.proposed:
        entry["physicalType"] = new.type
        if "logicalType" in entry:
            entry["logicalType"] = new.logical_type
    elif before.proposed != new.type:
        at.left.append(f"{name} is {change.after} now; its type {column.type} is a person's and stays")
    required = not new.source.nullable
    if required != before.required and column.required == before.required and not entry.get("primaryKey"):
        if required:
            entry["required"] = True
        else:
            entry.pop("required", None)
    if "enum" in entry and new.enum and set(column.enum) != set(new.enum):
        entry["enum"] = CommentedSeq(_styled(Flow(value=label)) for label in new.enum)


def _add(at: _Contract, change: Change) -> None:
    new = at.table.column_of(change.column or "")
    place = [column.name for column in at.table.source.columns].index(new.source.name)
    earlier = {column.name for column in at.table.source.columns[:place]}
    properties = at.schema["properties"]
    carried = [at.property(c) for name in earlier if (c := at.column(name)) is not None]
    last = max((properties.index(entry) for entry in carried if entry in properties), default=-1)
    properties.insert(last + 1, _styled(document.property_of(new, at.table)))


def _key(at: _Contract, _: Change) -> None:
    recorded = at.contract.recorded.key if at.contract.recorded else ()
    before = tuple(column.name for name in recorded if (column := at.column(name)) is not None)
    if before != at.contract.primary_key:
        at.left.append("its primary key is a person's, and stays")
        return
    for entry in at.schema["properties"]:
        entry.pop("primaryKey", None)
        entry.pop("primaryKeyPosition", None)
        sources = entry.get("transformSourceObjects") or [entry["name"]]
        if len(sources) == 1 and sources[0] in at.table.source.primary_key:
            entry["primaryKey"] = True
            if len(at.table.primary_key) > 1:
                entry["primaryKeyPosition"] = at.table.source.primary_key.index(sources[0]) + 1


def _unique(at: _Contract, change: Change) -> None:
    at.left.append(f"unique columns are {change.after or 'none'} now, and were {change.before or 'none'}")


def _references(at: _Contract, change: Change) -> None:
    at.left.append(f"foreign keys are {change.after or 'none'} now, and were {change.before or 'none'}")


def _record(at: _Contract) -> None:
    """The record is the source's, and so never a person's."""
    value = _custom(at.said, DISCOVERED)
    for name in ("key", "unique", "references"):
        value.pop(name, None)
    place = list(value).index("columns")
    for name, listed in reversed(record.structure(at.table.source).items()):
        value.insert(place, name, _styled(listed))
    value["columns"] = CommentedSeq(_styled(entry) for entry in record.columns_of(at.table))


def _without(holder: Any, key: str, gone: Any) -> None:
    """The list without the entries for which it holds, and not at all where none is left."""
    if key in holder:
        for entry in [entry for entry in holder[key] if gone(entry)]:
            holder[key].remove(entry)
        if not holder[key]:
            del holder[key]


def _custom(said: Any, name: str) -> Any:
    return next(each["value"] for each in said["customProperties"] if each["property"] == name)


def _flow(listed: Sequence[str]) -> CommentedSeq:
    made = CommentedSeq(listed)
    made.fa.set_flow_style()
    return made


def _styled(value: Any) -> Any:
    """As `yaml_words` would write it: one line where that says so."""
    if isinstance(value, dict):
        made = CommentedMap((key, _styled(part)) for key, part in value.items())
        if isinstance(value, Flow):
            made.fa.set_flow_style()
        return made
    if isinstance(value, list):
        listed = CommentedSeq(map(_styled, value))
        if all(isinstance(each, str) for each in value):
            listed.fa.set_flow_style()
        return listed
    return value


def _yaml() -> YAML:
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 1 << 16
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml
