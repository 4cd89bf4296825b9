"""Keys, unique sets and references of a contract, as the source has them now."""

from dataclasses import replace

from ruamel.yaml.comments import CommentedSeq

from migration_assets.analyzer.discovery import document, record
from migration_assets.analyzer.discovery.drift import Change
from migration_assets.analyzer.discovery.editing import Document, in_a_line, name_of, styled, without


def key(at: Document, _: Change) -> None:
    before, after = at.targets(at.before.key), at.targets(at.table.source.primary_key)
    if after is None or (before or []) != list(at.contract.primary_key):
        at.left.append("the key of the source is another one now; the contract's is a person's, and stays")
        return
    for entry in at.properties:
        entry.pop("primaryKey", None)
        entry.pop("primaryKeyPosition", None)
        if name_of(entry) in after:
            entry["primaryKey"] = True
            if len(after) > 1:
                entry["primaryKeyPosition"] = after.index(name_of(entry)) + 1


def unique(at: Document, _: Change) -> None:
    before, after = set(at.before.unique), {key.columns for key in at.table.source.uniques}
    for columns in sorted(before - after):
        names = at.targets(columns) or []
        without(at.migration, "unique", lambda each, names=names: sorted(each) == sorted(names))
        if len(names) == 1:
            at.entry(columns[0]).pop("unique", None)
    for columns in sorted(after - before):
        names = at.targets(columns)
        if names is None:
            at.left.append(f"{' + '.join(columns)} is unique now")
        elif len(names) == 1:
            at.entry(columns[0])["unique"] = True
        else:
            at.migration.setdefault("unique", CommentedSeq()).append(in_a_line(names))


def references(at: Document, _: Change) -> None:
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
        relation = styled(document.relation(at.schema["name"], replace(found[0], columns=tuple(names))))
        holder = at.entry(columns[0]) if len(columns) == 1 else at.schema
        holder.setdefault("relationships", CommentedSeq()).append(relation)


def _refer_no_more(at: Document, said: str) -> None:
    """Takes the relationship away that the record calls so, where the file has it still."""
    own, _, far = said.partition(" → ")
    columns, ends = own.split(", "), far.rpartition(" (")[2].removesuffix(")").split(", ")
    names = at.targets(columns)
    if names is None:
        return
    if len(names) == 1:
        without(at.entry(columns[0]), "relationships", lambda each: str(each["to"]).endswith(f".{ends[0]}"))
    else:
        near = [f"{at.schema['name']}.{name}" for name in names]
        without(at.schema, "relationships", lambda each: list(each.get("from") or ()) == near)
