"""The quality score of a table: 0 to 100, from five parts that each are a share.

loadable    50   rows that were read and that a run lets in; 0 where it refuses the table before
unique      15   1 with a key that the source enforces and no duplicates of any contract key,
                 0.5 with a contract key that holds though nobody enforces it, else 0
connected   15   the lowest share, over all relationships, of rows that are no orphans; 1 without any
complete    10   cells of the source's table that are not NULL
exact       10   columns of the contract without any hazard that is refused, quarantined or carried
"""

from collections.abc import Sequence

from migration_assets.analyzer.profile.model import Figures, Hazard, Part
from migration_assets.analyzer.profile.subject import Subject


def parts(
    subject: Subject,
    figures: Sequence[Figures],
    hazards: Sequence[Hazard],
    rows: int | None,
    read: int,
    bad: int,
) -> tuple[Part, ...]:
    return (
        _loadable(hazards, read, bad),
        _unique(subject, hazards),
        _connected(hazards, rows),
        _complete(figures, rows),
        _exact(subject, hazards),
    )


def _loadable(hazards: Sequence[Hazard], read: int, bad: int) -> Part:
    if any(each.outcome == "refused" and each.rows is None for each in hazards):
        return Part("loadable", 0.0, 50, "a run refuses the table before it reads a row")
    share = 1 - min(bad, read) / read if read else 1.0
    return Part("loadable", share, 50, f"{bad:,} of {read:,} rows that were read are kept out")


def _unique(subject: Subject, hazards: Sequence[Hazard]) -> Part:
    kinds = {each.kind for each in hazards}
    if "duplicate key" in kinds:
        return Part("unique", 0.0, 15, "rows share a key")
    if not subject.contract.primary_key:
        return Part("unique", 0.0, 15, "no key")
    if "key not enforced" in kinds:
        return Part("unique", 0.5, 15, "a key holds, but the source does not enforce it")
    return Part("unique", 1.0, 15, "the source enforces the key")


def _connected(hazards: Sequence[Hazard], rows: int | None) -> Part:
    lost = max((each.rows or 0 for each in hazards if each.kind == "orphan"), default=0)
    if not lost or not rows:
        return Part("connected", 1.0, 15, "no orphans were found")
    return Part("connected", 1 - min(lost, rows) / rows, 15, f"{lost:,} of {rows:,} rows refer to nothing")


def _complete(figures: Sequence[Figures], rows: int | None) -> Part:
    asked = [each.nulls for each in figures if each.nulls is not None]
    cells = (rows or 0) * len(asked)
    share = 1 - sum(asked) / cells if cells else 1.0
    return Part("complete", share, 10, f"{100 * (1 - share):.0f} % of the cells are NULL")


def _exact(subject: Subject, hazards: Sequence[Hazard]) -> Part:
    columns = len(subject.contract.columns)
    touched = {each.column for each in hazards if each.column and each.outcome != "noted"}
    share = 1 - min(len(touched), columns) / columns if columns else 1.0
    return Part("exact", share, 10, f"{len(touched)} of {columns} columns have a hazard")
