"""What contract and catalog tell of hazards, before a row is read; pure."""

from collections.abc import Iterator, Mapping

from migration_assets.analyzer.catalog.model import Catalog
from migration_assets.analyzer.profile.kinds import KINDS
from migration_assets.analyzer.profile.model import Hazard, Outcome
from migration_assets.analyzer.profile.subject import Subject
from migration_assets.contracts import pgtypes
from migration_assets.tables.canonical import canonical

#: the part of a counter's numbers beyond which it is near its end
NEAR = 0.8
#: types that compare with one another in PostgreSQL
_NUMBERS = ("integer", "numeric", "float")


def hazard(
    kind: str, subject: Subject, outcome: Outcome, effect: str, column: str | None = None, detail: str = ""
) -> Hazard:
    return Hazard(
        kind,
        str(subject.table.name),
        outcome,
        effect,
        KINDS[kind].advice,
        subject.contract.name,
        column,
        detail=detail,
    )


def standing(subject: Subject, catalog: Catalog, subjects: Mapping[str, Subject]) -> Iterator[Hazard]:
    """All of them for one contract; `subjects` are those of the same source, by contract."""
    yield from _keys(subject)
    yield from _columns(subject)
    yield from _unlike(subject, subjects)
    yield from _target_alone(subject)
    yield from _counters(subject, catalog)


def _keys(subject: Subject) -> Iterator[Hazard]:
    contract = subject.contract
    if not contract.primary_key:
        effect = "is carried and proven; rows that are refused are named by their number alone"
        yield hazard("no key", subject, "noted", effect)
    enforced = (subject.table.primary_key, *subject.table.unique)
    for key in (contract.primary_key, *contract.unique):
        sources = [subject.untouched(name) for name in key]
        names = {column.name for column in sources if column is not None}
        if key and not (all(sources) and any(kept and set(kept) <= names for kept in enforced)):
            effect = "is judged row by row: rows that share it will be refused"
            yield hazard("key not enforced", subject, "noted", effect, ", ".join(key))


def _columns(subject: Subject) -> Iterator[Hazard]:
    if subject.contract.hook is not None:
        return
    for column in subject.table.columns:
        if column.name not in subject.made_from:
            yield hazard("column in the source only", subject, "noted", "stays behind", column.name)


def _unlike(subject: Subject, subjects: Mapping[str, Subject]) -> Iterator[Hazard]:
    for reference in subject.contract.references:
        parent = subjects.get(reference.parent)
        for own, far in zip(reference.columns, reference.parent_columns, strict=True):
            if parent is None:
                continue
            types = subject.contract.column(own).type, parent.contract.column(far).type
            families = [pgtypes.parse(each).family for each in types]
            if families[0] != families[1] and not set(families) <= set(_NUMBERS):
                detail = f"{types[0]} here, {types[1]} in {reference.parent}"
                effect = "will be refused: the relationship cannot be judged"
                yield hazard("reference of unlike types", subject, "refused", effect, own, detail)


def _target_alone(subject: Subject) -> Iterator[Hazard]:
    contract = subject.contract
    effect = "is judged when it is loaded, and refused there if it does not hold"
    for name in contract.checks:
        yield hazard("judged by the target", subject, "noted", effect, detail=f"the condition {name}")
    rules = [*contract.quality, *(rule for column in contract.columns for rule in column.quality)]
    for rule in rules:
        if rule.kind == "sql":
            yield hazard("judged by the target", subject, "noted", effect, detail=f"the rule {rule.name}")
    for column in contract.columns:
        source = subject.untouched(column.name)
        same = source is not None and source.carries is not None and _same(source.carries, column.type)
        if canonical(pgtypes.parse(column.type)) is None and not same:
            detail = f"only PostgreSQL knows how a {column.type} is written"
            yield hazard("judged by the target", subject, "noted", effect, column.name, detail)


def _same(carries: str, target: str) -> bool:
    try:
        return pgtypes.parse(carries) == pgtypes.parse(target)
    except ValueError:
        return carries == target


def _counters(subject: Subject, catalog: Catalog) -> Iterator[Hazard]:
    for counter in catalog.sequences:
        of_table = counter.table is not None and subject.catalog is not None
        if not of_table or not counter.last or counter.table != _place(subject):
            continue
        used = counter.last / counter.maximum
        if used >= NEAR:
            detail = f"{100 * used:.0f} % of its {counter.maximum:,} numbers are used"
            effect = "is carried, and goes on counting where the source stopped"
            yield hazard("counter near its end", subject, "carried", effect, counter.column, detail)


def _place(subject: Subject) -> object:
    return subject.catalog.table if subject.catalog else None
