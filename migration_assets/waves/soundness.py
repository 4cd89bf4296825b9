"""All wave files together: what no file can tell by itself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from migration_assets.contracts import yaml_text
from migration_assets.contracts.findings import cut, meant, shown
from migration_assets.contracts.model import Contract
from migration_assets.errors import Fault, WaveRefused
from migration_assets.waves.choosing import unknown_bounds
from migration_assets.waves.document import drafted
from migration_assets.waves.model import Range, Wave
from migration_assets.waves.places.base import Document
from migration_assets.waves.selection import contracts_of


@dataclass(frozen=True)
class Waves:
    """The waves that can be used, by name, and the faults of the other files."""

    waves: Mapping[str, Wave] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()


@dataclass
class _Draft:
    wave: Wave
    document: yaml_text.Document
    faults: list[Fault]

    def note(self, path: yaml_text.Path, what: str, right: str) -> None:
        line = self.document.line(path)
        self.faults.append(Fault(self.wave.origin, shown(path), what, right, line))


def judged(
    documents: Iterable[Document],
    contracts: Mapping[str, Contract] | None,
    keys: Mapping[str, tuple[str, ...]] | None = None,
) -> Waves:
    """Reads the files; `contracts` None where they cannot be read themselves: those are not asked then.

    `keys` are the planned partitions of contracts, for ranges."""
    drafts, faults = _drafts(documents)
    _same_names(drafts)
    known = {draft.wave.name: draft.wave for draft in drafts}
    for draft in drafts:
        if contracts is not None:
            _contracts(draft, contracts)
            _bounds(draft, contracts, keys or {})
        # a name may belong to a file that cannot be read at all
        if not faults:
            _after(draft, known)
    _cycles(drafts)
    if contracts is not None:
        _parents(drafts, contracts)
    sound = {draft.wave.name: draft.wave for draft in drafts if not draft.faults}
    every = [*faults, *(fault for draft in drafts for fault in draft.faults)]
    return Waves(dict(sorted(sound.items())), tuple(sorted(set(every))))


def alone(document: Document, contracts: Mapping[str, Contract]) -> Wave:
    """The wave of one file whose fellows are not known yet; WaveRefused with every fault of it."""
    drafts, faults = _drafts([document])
    for draft in drafts:
        _contracts(draft, contracts)
        if draft.wave.name in draft.wave.after:
            _after(draft, dict.fromkeys(draft.wave.after, draft.wave))
        faults += draft.faults
    if faults:
        raise WaveRefused(faults)
    return drafts[0].wave


def _drafts(documents: Iterable[Document]) -> tuple[list[_Draft], list[Fault]]:
    drafts: list[_Draft] = []
    unread: list[Fault] = []
    for each in documents:
        if each.name.endswith(".yml"):
            right = f"Name it {each.name.removesuffix('.yml')}.yaml."
            unread.append(Fault(each.origin, "", "it would not be read", right))
            continue
        wave, faults, document = drafted(each.text, each.origin)
        if wave is None or document is None:
            unread += faults
        else:
            drafts.append(_Draft(wave, document, faults))
    return drafts, unread


def _same_names(drafts: list[_Draft]) -> None:
    first: dict[str, _Draft] = {}
    for draft in drafts:
        other = first.setdefault(draft.wave.name, draft)
        if other is not draft:
            for one, two in ((draft, other), (other, draft)):
                what = f"the wave of {two.wave.origin} has the name `{cut(one.wave.name)}` too"
                one.note(("name",), what, "Give each a name of its own.")


def _contracts(draft: _Draft, contracts: Mapping[str, Contract]) -> None:
    wave, before = draft.wave, len(draft.faults)
    if wave.name in contracts:
        what = f"there is a contract `{cut(wave.name)}`"
        draft.note(("name",), what, "A wave and a contract may not have one name.")
    domains = {contract.domain for contract in contracts.values()}
    tags = {tag for contract in contracts.values() for tag in contract.tags}
    for field_name, kind, names, there in (
        ("contracts", "contract", wave.contracts, contracts.keys()),
        ("domains", "domain", wave.domains, domains),
        ("tags", "tag", wave.tags, tags),
    ):
        for at, name in enumerate(names):
            if name not in there:
                right = meant(name, there) or "`migrate contracts check` lists the contracts."
                draft.note((field_name, at), f"no contract has the {kind} `{cut(name)}`", right)
    if len(draft.faults) == before and not contracts_of(wave, contracts):
        draft.note((), "it means no contract", "Name some in `contracts`, `domains` or `tags`.")


def _bounds(draft: _Draft, contracts: Mapping[str, Contract], keys: Mapping[str, tuple[str, ...]]) -> None:
    said = draft.wave.partitions
    if not isinstance(said, Range):
        return
    for name in contracts_of(draft.wave, contracts):
        planned = keys.get(name, ())
        for bound in unknown_bounds(said, contracts[name], planned) if planned else ():
            field_name = "from" if bound == said.first else "to"
            what = f"{name} has no partition `{cut(bound)}`"
            draft.note(("partitions", field_name), what, f"`migrate plan {name}` lists them.")


def _after(draft: _Draft, known: Mapping[str, Wave]) -> None:
    for at, name in enumerate(draft.wave.after):
        if name == draft.wave.name:
            draft.note(("after", at), "it waits for itself", "Take it out.")
        elif name not in known:
            others = known.keys() - {draft.wave.name}
            right = meant(name, others) or "Add its file, or take the name out."
            draft.note(("after", at), f"there is no wave `{cut(name)}`", right)


def _cycles(drafts: list[_Draft]) -> None:
    by_name = {draft.wave.name: draft for draft in drafts}
    told: set[str] = set()
    for name in sorted(by_name):
        way = _way_back(name, by_name)
        if len(way) > 1 and not told & set(way):
            told |= set(way)
            for member in way:
                line = f"these waves wait for one another: {' → '.join((*way, name))}"
                by_name[member].note(("after",), line, "Take one of the names out.")


def _way_back(name: str, drafts: Mapping[str, _Draft]) -> tuple[str, ...]:
    """The shortest way from the wave over `after` to itself; empty where there is none."""
    ways: list[tuple[str, ...]] = [(name,)]
    seen: set[str] = set()
    while ways:
        way = ways.pop(0)
        for other in drafts[way[-1]].wave.after if way[-1] in drafts else ():
            if other == name:
                return way
            if other not in seen:
                seen.add(other)
                ways.append((*way, other))
    return ()


def _parents(drafts: list[_Draft], contracts: Mapping[str, Contract]) -> None:
    """A contract may not move before the wave that alone brings its parent."""
    waves = {draft.wave.name: draft.wave for draft in drafts}
    brings = {name: set(contracts_of(wave, contracts)) for name, wave in waves.items()}
    for draft in drafts:
        mine = brings[draft.wave.name]
        for later in _later(draft.wave.name, waves):
            for child in sorted(mine):
                for reference in contracts[child].references:
                    parent = reference.parent
                    if reference.deferred or parent in mine or parent not in brings[later]:
                        continue
                    if any(parent in brings[other] for other in waves if other != later):
                        continue
                    what = f"{child} refers to {parent}, which only the later wave {later} moves"
                    draft.note((), what, f"Move {parent} here, or {child} after {later}.")


def _later(name: str, waves: Mapping[str, Wave]) -> list[str]:
    """The waves that come after this one, directly or not."""
    found: dict[str, None] = {}
    ahead = [name]
    while ahead:
        one = ahead.pop()
        for other, wave in waves.items():
            if one in wave.after and other not in found and other != name:
                found[other] = None
                ahead.append(other)
    return list(found)
