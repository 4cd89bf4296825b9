"""Contracts as a family: drafts in, contracts with their parents out, and the faults between them."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from migration_assets.contracts.findings import cut, meant
from migration_assets.contracts.model import Contract, Reference
from migration_assets.contracts.odcs import Draft
from migration_assets.contracts.relations import Wanted
from migration_assets.contracts.yaml_text import Path

#: takes a fault down: whose, path, what is wrong, what would be right
Tell = Callable[[Draft, Path, str, str], None]


def resolve(drafts: Sequence[Draft], unread: frozenset[str], tell: Tell) -> dict[str, Contract]:
    """The contracts by name, with their references; tells every fault between them.

    `unread` are the stems of files that could not be read, whose tables may well be there."""
    _same_names(drafts, tell)
    _same_tables(drafts, tell)
    parents = _Parents(drafts, unread)
    resolved: list[tuple[Draft, tuple[tuple[Reference, Wanted], ...]]] = []
    for draft in drafts:
        found = [(parents.reference(draft, wanted, tell), wanted) for wanted in draft.wanted]
        resolved.append((draft, tuple((reference, wanted) for reference, wanted in found if reference)))
    _cycles(resolved, tell)
    return {
        draft.contract.name: replace(
            draft.contract, references=tuple(dict.fromkeys(reference for reference, _ in references))
        )
        for draft, references in resolved
    }


class _Parents:
    """Finds the draft that a relationship means."""

    def __init__(self, drafts: Sequence[Draft], unread: frozenset[str]) -> None:
        self.unread = unread
        #: rank of the name, target server, name
        self.known: defaultdict[tuple[int, str, str], list[Draft]] = defaultdict(list)
        #: for advice: all that are there, and in which target
        self.elsewhere: dict[str, Draft] = {}
        for draft in drafts:
            for rank, names in enumerate(draft.aliases):
                for name in names:
                    self.known[rank, draft.contract.target.name, name].append(draft)
                    self.elsewhere.setdefault(name, draft)

    def reference(self, draft: Draft, wanted: Wanted, tell: Tell) -> Reference | None:
        parent = self._parent(draft, wanted, tell)
        if parent is None:
            return None
        path = (*wanted.path, "to")
        if len(wanted.columns) != len(wanted.parent_columns):
            count = f"{len(wanted.columns)} here, {len(wanted.parent_columns)} in {wanted.parent}"
            tell(draft, path, f"the two ends have not the same number of columns: {count}", "")
            return None
        unknown = [name for name in wanted.parent_columns if name not in parent.names]
        for name in unknown:
            tell(draft, path, f"{wanted.parent} has no column `{cut(name)}`", meant(name, parent.names))
        if unknown:
            return None
        columns = tuple(parent.names[name] for name in wanted.parent_columns)
        if not _is_key(parent.contract, columns):
            what = f"{' + '.join(columns)} is neither primary key nor unique in {wanted.parent}"
            tell(draft, path, what, "Say `primaryKey` or `unique` there, or refer to what is.")
        return Reference(wanted.columns, parent.contract.name, columns, wanted.deferred)

    def _parent(self, draft: Draft, wanted: Wanted, tell: Tell) -> Draft | None:
        path, target = (*wanted.path, "to"), draft.contract.target.name
        for rank in range(3):
            found = self.known.get((rank, target, wanted.parent), [])
            if len(found) == 1:
                return found[0]
            if found:
                names = ", ".join(sorted(other.contract.name for other in found))
                what = f"`{cut(wanted.parent)}` may be the table of {names}"
                tell(draft, path, what, "Write it with its schema, or by the contract's name.")
                return None
        other = self.elsewhere.get(wanted.parent)
        if other is not None and not (other.contract.target.type and draft.contract.target.type):
            # the fault is that one of the servers is not there, and it is told already
            return None
        if other is not None:
            what = f"`{cut(wanted.parent)}` goes to {other.contract.target.name}, and this table to {target}"
            tell(draft, path, what, "A reference stays within one target.")
        elif wanted.parent.rpartition(".")[2] not in self.unread:
            known = {name for _, server, name in self.known if server == target}
            what = f"no contract brings the table `{cut(wanted.parent)}`"
            tell(
                draft,
                path,
                what,
                meant(wanted.parent, known) or "Add its contract, or take the relationship out.",
            )
        return None


def _is_key(contract: Contract, columns: tuple[str, ...]) -> bool:
    keys = [contract.primary_key, *contract.unique]
    keys += [index.columns for index in contract.indexes if index.unique]
    keys += [(column.name,) for column in contract.columns if column.unique]
    return set(columns) in [set(key) for key in keys if key]


def _same_names(drafts: Iterable[Draft], tell: Tell) -> None:
    first: dict[str, Draft] = {}
    for draft in drafts:
        other = first.setdefault(draft.contract.name, draft)
        if other is not draft:
            what = f"the contract of {_file(other)} has the name `{draft.contract.name}` too"
            tell(draft, ("name",), what, "Give each a name of its own.")


def _same_tables(drafts: Iterable[Draft], tell: Tell) -> None:
    first: dict[tuple[str, str], Draft] = {}
    for draft in drafts:
        table = draft.contract.target_table
        if not table.name or draft.contract.bucket:
            continue
        other = first.setdefault((draft.contract.target.name, str(table)), draft)
        if other is not draft:
            what = f"the contract of {_file(other)} goes to the table {table} too"
            tell(draft, draft.table, what, "One table has one contract.")


def _file(draft: Draft) -> str:
    return draft.contract.file.replace("\\", "/").rpartition("/")[2]


def _cycles(resolved: Sequence[tuple[Draft, tuple[tuple[Reference, Wanted], ...]]], tell: Tell) -> None:
    ways: dict[str, dict[str, tuple[Draft, Wanted]]] = {}
    for draft, references in resolved:
        name = draft.contract.name
        ways[name] = {
            reference.parent: (draft, wanted)
            for reference, wanted in references
            if not reference.deferred and reference.parent != name
        }
    while (cycle := _cycle({name: ways[name].keys() for name in ways})) is not None:
        draft, wanted = ways[cycle[0]][cycle[1]]
        way = " → ".join((*cycle, cycle[0]))
        what = f"these tables wait for one another: {way}"
        right = (
            "Let one of the relationships say `customProperties: [{property: migration, value: {deferred: "
            "true}}]`; it is judged when both tables are there."
        )
        tell(draft, wanted.path, what, right)
        for name in cycle:
            ways[name] = {}


def _cycle(parents: Mapping[str, Iterable[str]]) -> list[str] | None:
    """One cycle, from its first name on; None when parents can come before children."""
    left = {name: set(above) & parents.keys() for name, above in parents.items()}
    while settled := [name for name, above in left.items() if not above & left.keys()]:
        for name in settled:
            del left[name]
    if not left:
        return None
    way: list[str] = []
    name = min(left)
    while name not in way:
        way.append(name)
        name = min(left[name] & left.keys())
    cycle = way[way.index(name) :]
    first = cycle.index(min(cycle))
    return cycle[first:] + cycle[:first]
