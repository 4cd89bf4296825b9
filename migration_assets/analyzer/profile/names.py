"""Names that PostgreSQL cuts, that become one, or that have to be quoted; pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from migration_assets.analyzer.profile.kinds import KINDS
from migration_assets.analyzer.profile.model import Hazard
from migration_assets.analyzer.profile.subject import Subject
from migration_assets.tables.targets.names import LONGEST

_WORDS = (
    "all analyse analyze and any array as asc asymmetric both case cast check collate column "
    "constraint create current_catalog current_date current_role current_time current_timestamp "
    "current_user default deferrable desc distinct do else end except false fetch for foreign "
    "from grant group having in initially intersect into lateral leading limit localtime "
    "localtimestamp not null offset on only or order placing primary references returning select "
    "session_user some symmetric system_user table then to trailing true union unique user using "
    "variadic when where window with"
)
#: the words that PostgreSQL takes for names only where they are quoted (its manual, appendix C)
RESERVED = frozenset(_WORDS.split())


def of_tables(subjects: Iterable[Subject]) -> Iterator[Hazard]:
    """Of the names of tables, in the source and in the target."""
    by_source: defaultdict[str, list[Subject]] = defaultdict(list)
    by_target: defaultdict[str, list[Subject]] = defaultdict(list)
    for subject in subjects:
        by_source[subject.table.name.schema or ""].append(subject)
        by_target[subject.contract.target_table.schema or ""].append(subject)
    for some in by_source.values():
        yield from _alike([(each.table.name.name, each) for each in some], None)
    for some in by_target.values():
        for each in some:
            yield from _word(each, each.contract.target_table.name, None)


def of_columns(subject: Subject) -> Iterator[Hazard]:
    """Of the names of a table's columns."""
    yield from _alike([(column.name, subject) for column in subject.table.columns], "column")
    for column in subject.contract.columns:
        yield from _word(subject, column.name, column.name)


def cut(name: str) -> str:
    """The name as PostgreSQL keeps it: 63 bytes, whole characters."""
    return name.encode()[:LONGEST].decode(errors="ignore")


def _alike(named: Sequence[tuple[str, Subject]], what: str | None) -> Iterator[Hazard]:
    kept: defaultdict[str, list[tuple[str, Subject]]] = defaultdict(list)
    folded: defaultdict[str, list[tuple[str, Subject]]] = defaultdict(list)
    for name, subject in named:
        kept[cut(name)].append((name, subject))
        folded[name.lower()].append((name, subject))
        if cut(name) != name:
            effect = "is carried under another name: the contract's, which has to be shorter"
            yield _hazard("long name", subject, name if what else None, effect)
    for kind, effect, groups in (
        (
            "names collide",
            "is carried under the contract's name; under its own it would be the other's",
            kept,
        ),
        ("names differ by case", "is carried, in quotes", folded),
    ):
        for group in groups.values():
            for name, subject in group if len(group) > 1 else ():
                others = ", ".join(other for other, _ in group if other != name)
                yield _hazard(kind, subject, name if what else None, effect, f"the other one is {others}")


def _word(subject: Subject, name: str, column: str | None) -> Iterator[Hazard]:
    if name.lower() in RESERVED:
        yield _hazard("reserved word", subject, column, "is carried, in quotes")


def _hazard(kind: str, subject: Subject, column: str | None, effect: str, detail: str = "") -> Hazard:
    return Hazard(
        kind,
        str(subject.table.name),
        "noted",
        effect,
        KINDS[kind].advice,
        subject.contract.name,
        column,
        detail=detail,
    )
