"""A contract's text in, the same text with the source's changes out; all else stays as a person wrote it."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from migration_assets.analyzer.discovery import document, record
from migration_assets.analyzer.discovery.drift import Change
from migration_assets.analyzer.discovery.yaml_words import Flow, scalar
from migration_assets.analyzer.proposal.model import ProposedTable
from migration_assets.contracts.columns import source_name
from migration_assets.contracts.model import Contract, Recorded
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
    #: the contract's record
    before: Recorded
    table: ProposedTable
    left: list[str] = field(default_factory=list)

    @property
    def schema(self) -> Any:
        return self.said["schema"][0]

    @property
    def properties(self) -> Any:
        return self.schema["properties"]

    @property
    def migration(self) -> Any:
        return _custom(self.said, "migration")

    def sources(self, entry: Any) -> list[str]:
        """The source's columns that a property is made from, as the file says now."""
        listed = entry.get("transformSourceObjects") or [entry["name"]]
        if "transformSourceObjects" not in entry and "transformLogic" in entry:
            return []
        table = self.contract.source_table
        return [source_name(text, table) for text in ([listed] if isinstance(listed, str) else listed)]

    def entry(self, source: str) -> Any:
        """The property that carries the source's column and nothing else; None where there is none."""
        for entry in self.properties:
            if "transformLogic" not in entry and self.sources(entry) == [source]:
                return entry
        return None

    def targets(self, sources: Sequence[str]) -> list[str] | None:
        """The target's columns for the source's; None where one is not carried as it is."""
        entries = [self.entry(source) for source in sources]
        return None if None in entries else [_name(entry) for entry in entries]


def edited(text: str, contract: Contract, table: ProposedTable, changes: Sequence[Change]) -> Edited:
    """Each change is made where the file still says what was proposed; else it is left, and told."""
    assert contract.recorded is not None, "only what a discovery wrote is edited"
    yaml = _yaml()
    at = _Contract(yaml.load(text), contract, contract.recorded, table)
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
    for entry in at.properties:
        if change.before in at.sources(entry):
            renamed = [change.after if name == change.before else name for name in at.sources(entry)]
            entry["transformSourceObjects"] = _flow([_spelled(name) for name in renamed])
        if change.before in str(entry.get("transformLogic", "")):
            at.left.append(f"transformLogic of {_name(entry)} still names {change.before}")
    parted = at.migration.get("partitions")
    if parted and parted.get("column") == change.before:
        parted["column"] = change.after


def _drop(at: _Contract, change: Change) -> None:
    gone = change.column or ""
    for entry in at.properties:
        if gone in at.sources(entry) and "transformLogic" in entry:
            at.left.append(f"column {_name(entry)} is still made from {gone}, which is gone")
    entry = at.entry(gone)
    if entry is None:
        return
    name = _name(entry)
    at.properties.remove(entry)
    _without(
        at.schema, "relationships", lambda each: f"{at.schema['name']}.{name}" in (each.get("from") or ())
    )
    _without(at.migration, "indexes", lambda each: name in each["columns"])
    _without(at.migration, "unique", lambda each: name in each)
    at.left += [
        f"check {check} still names {name}, which is gone"
        for check, condition in at.contract.checks.items()
        if name in condition
    ]
    parted = at.migration.get("partitions")
    if parted and parted.get("column") in (gone, name):
        del at.migration["partitions"]
        at.left.append(f"it was parted by {gone}, which is gone: it is in one part now")


def _retype(at: _Contract, change: Change) -> None:
    name = change.column or ""
    before = next(column for column in at.before.columns if column.name == name)
    entry, new = at.entry(name), at.table.column_of(name)
    if entry is None:
        at.left.append(f"{name} is {change.after} now: look at what is made from it")
        return
    if entry.get("physicalType") == before.proposed:
        entry["physicalType"] = new.type
        if "logicalType" in entry:
            entry["logicalType"] = new.logical_type
    elif before.proposed != new.type:
        kept = entry.get("physicalType")
        at.left.append(f"{name} is {change.after} now; its type {kept} is a person's and stays")
    required = not new.source.nullable
    if required != before.required and bool(entry.get("required")) == before.required:
        entry["required"] = required
    if "enum" in entry and new.enum and [each["value"] for each in entry["enum"]] != list(new.enum):
        entry["enum"] = CommentedSeq(_styled(Flow(value=label)) for label in new.enum)


def _add(at: _Contract, change: Change) -> None:
    new = at.table.column_of(change.column or "")
    place = [column.name for column in at.table.source.columns].index(new.source.name)
    earlier = [at.entry(column.name) for column in at.table.source.columns[:place]]
    last = max((at.properties.index(entry) for entry in earlier if entry is not None), default=-1)
    said = document.property_of(new, at.table)
    # its keys and references have changes of their own
    for word in ("primaryKey", "primaryKeyPosition", "unique", "relationships"):
        said.pop(word, None)
    at.properties.insert(last + 1, _styled(said))


def _key(at: _Contract, _: Change) -> None:
    before, after = at.targets(at.before.key), at.targets(at.table.source.primary_key)
    if after is None or (before or []) != list(at.contract.primary_key):
        at.left.append("the key of the source is another one now; the contract's is a person's, and stays")
        return
    for entry in at.properties:
        entry.pop("primaryKey", None)
        entry.pop("primaryKeyPosition", None)
        if _name(entry) in after:
            entry["primaryKey"] = True
            if len(after) > 1:
                entry["primaryKeyPosition"] = after.index(_name(entry)) + 1


def _unique(at: _Contract, _: Change) -> None:
    before, after = set(at.before.unique), {key.columns for key in at.table.source.uniques}
    for columns in sorted(before - after):
        names = at.targets(columns) or []
        _without(at.migration, "unique", lambda each, names=names: sorted(each) == sorted(names))
        if len(names) == 1:
            at.entry(columns[0]).pop("unique", None)
    for columns in sorted(after - before):
        names = at.targets(columns)
        if names is None:
            at.left.append(f"{' + '.join(columns)} is unique now")
        elif len(names) == 1:
            at.entry(columns[0])["unique"] = True
        else:
            at.migration.setdefault("unique", CommentedSeq()).append(_flow(names))


def _references(at: _Contract, _: Change) -> None:
    keys = {record.reference(key): key for key in at.table.source.foreign_keys}
    for said in sorted(set(at.before.references) - keys.keys()):
        _refer_no_more(at, said)
    for said in sorted(keys.keys() - set(at.before.references)):
        columns = keys[said].columns
        proposed = tuple(at.table.column_of(name).name for name in columns)
        found = [each for each in at.table.references if each.columns == proposed]
        names = at.targets(columns)
        if not found or names is None:
            at.left.append(f"there is a new foreign key: {said}")
            continue
        relation = _styled(document.relation(at.schema["name"], replace(found[0], columns=tuple(names))))
        holder = at.entry(columns[0]) if len(columns) == 1 else at.schema
        holder.setdefault("relationships", CommentedSeq()).append(relation)


def _refer_no_more(at: _Contract, said: str) -> None:
    """Takes the relationship away that the record calls so, where the file has it still."""
    own, _, far = said.partition(" → ")
    columns, ends = own.split(", "), far.rpartition(" (")[2].removesuffix(")").split(", ")
    names = at.targets(columns)
    if names is None:
        return
    if len(names) == 1:
        _without(at.entry(columns[0]), "relationships", lambda each: str(each["to"]).endswith(f".{ends[0]}"))
    else:
        near = [f"{at.schema['name']}.{name}" for name in names]
        _without(at.schema, "relationships", lambda each: list(each.get("from") or ()) == near)


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


def _name(entry: Any) -> str:
    """The property's column in the target."""
    return entry.get("physicalName") or entry["name"]


def _spelled(source: str) -> str:
    return '"' + source.replace('"', '""') + '"' if "." in source or '"' in source else source


def _custom(said: Any, name: str) -> Any:
    return next(each["value"] for each in said["customProperties"] if each["property"] == name)


def _flow(listed: Sequence[str]) -> CommentedSeq:
    made = CommentedSeq(map(_styled, listed))
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
    if isinstance(value, str) and scalar(value).startswith('"'):
        return DoubleQuotedScalarString(value)
    return value


def _yaml() -> YAML:
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 1 << 16
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml
