"""A contract's text in, the same text with the source's changes out; all else stays as a person wrote it."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

from ruamel.yaml.comments import CommentedSeq

from migration_assets.analyzer.discovery import document, edit_keys, record
from migration_assets.analyzer.discovery.drift import Change
from migration_assets.analyzer.discovery.editing import (
    Document,
    custom,
    in_a_line,
    name_of,
    spelled,
    styled,
    without,
    yaml_as_it_is,
)
from migration_assets.analyzer.discovery.yaml_words import Flow
from migration_assets.analyzer.proposal.model import ProposedTable
from migration_assets.contracts.model import Contract
from migration_assets.contracts.recorded import DISCOVERED


@dataclass(frozen=True)
class Edited:
    text: str
    #: what is left to a person, in sentences
    left: tuple[str, ...] = ()


def edited(text: str, contract: Contract, table: ProposedTable, changes: Sequence[Change]) -> Edited:
    """Each change is made where the file still says what was proposed; else it is left, and told."""
    assert contract.recorded is not None, "only what a discovery wrote is edited"
    yaml = yaml_as_it_is()
    at = Document(yaml.load(text), contract, contract.recorded, table)
    steps = {
        "column renamed": _rename,
        "column dropped": _drop,
        "column retyped": _retype,
        "column added": _add,
        "key changed": edit_keys.key,
        "unique changed": edit_keys.unique,
        "references changed": edit_keys.references,
    }
    for kind, step in steps.items():
        for change in changes:
            if change.kind == kind:
                step(at, change)
    _record(at)
    out = io.StringIO()
    yaml.dump(at.said, out)
    return Edited(out.getvalue(), tuple(at.left))


def _rename(at: Document, change: Change) -> None:
    for entry in at.properties:
        if change.before in at.sources(entry):
            renamed = [change.after if name == change.before else name for name in at.sources(entry)]
            entry["transformSourceObjects"] = in_a_line([spelled(name) for name in renamed])
        if change.before in str(entry.get("transformLogic", "")):
            at.left.append(f"transformLogic of {name_of(entry)} still names {change.before}")
    parted = at.migration.get("partitions")
    if parted and parted.get("column") == change.before:
        parted["column"] = change.after


def _drop(at: Document, change: Change) -> None:
    gone = change.column or ""
    for entry in at.properties:
        if gone in at.sources(entry) and "transformLogic" in entry:
            at.left.append(f"column {name_of(entry)} is still made from {gone}, which is gone")
    entry = at.entry(gone)
    if entry is None:
        return
    name = name_of(entry)
    at.properties.remove(entry)
    without(
        at.schema, "relationships", lambda each: f"{at.schema['name']}.{name}" in (each.get("from") or ())
    )
    without(at.migration, "indexes", lambda each: name in each["columns"])
    without(at.migration, "unique", lambda each: name in each)
    at.left += [
        f"check {check} still names {name}, which is gone"
        for check, condition in at.contract.checks.items()
        if name in condition
    ]
    parted = at.migration.get("partitions")
    if parted and parted.get("column") in (gone, name):
        del at.migration["partitions"]
        at.left.append(f"it was parted by {gone}, which is gone: it is in one part now")


def _retype(at: Document, change: Change) -> None:
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
        entry["enum"] = CommentedSeq(styled(Flow(value=label)) for label in new.enum)


def _add(at: Document, change: Change) -> None:
    new = at.table.column_of(change.column or "")
    place = [column.name for column in at.table.source.columns].index(new.source.name)
    earlier = [at.entry(column.name) for column in at.table.source.columns[:place]]
    last = max((at.properties.index(entry) for entry in earlier if entry is not None), default=-1)
    said = document.property_of(new, at.table)
    # its keys and references have changes of their own
    for word in ("primaryKey", "primaryKeyPosition", "unique", "relationships"):
        said.pop(word, None)
    at.properties.insert(last + 1, styled(said))


def _record(at: Document) -> None:
    """The record is the source's, and so never a person's."""
    value = custom(at.said, DISCOVERED)
    for name in ("key", "unique", "references"):
        value.pop(name, None)
    place = list(value).index("columns")
    for name, listed in reversed(record.structure(at.table.source).items()):
        value.insert(place, name, styled(listed))
    value["columns"] = CommentedSeq(styled(entry) for entry in record.columns_of(at.table))
