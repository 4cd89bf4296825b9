"""Which column of the target carries a column of the source unchanged."""

from collections.abc import Sequence

from migration_assets.contracts.model import Column


def carried(columns: Sequence[Column], name: str) -> Column | None:
    """The untouched column for a partition column: made from the source's column of that name, or
    else itself of that name; letter case counts only where it makes a difference."""
    untouched = [column for column in columns if column.untouched]
    folded = name.casefold()
    for alike in (
        [column for column in untouched if column.sources[0] == name],
        [column for column in untouched if column.name == name],
        [column for column in untouched if column.sources[0].casefold() == folded],
        [column for column in untouched if column.name.casefold() == folded],
    ):
        if alike:
            return alike[0]
    return None
