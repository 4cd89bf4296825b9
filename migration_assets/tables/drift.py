"""Whether a source is still what it was when its contract was written; pure."""

from collections.abc import Iterator

from migration_assets.contracts.model import Contract
from migration_assets.contracts.recorded import same_type
from migration_assets.tables.sources.base import SourceTable

_ADVICE = "`migrate discover` names all that changed, and brings the contract up to date with `--update`"


def drifted(contract: Contract, table: SourceTable) -> list[str]:
    """A sentence for each column that is new or has another type; none where the contract keeps no record.

    A column that is gone is missed by what is made from it; where nothing is, it makes no difference."""
    return [f"{what}; {_ADVICE}" for what in _drifted(contract, table)]


def _drifted(contract: Contract, table: SourceTable) -> Iterator[str]:
    if contract.recorded is None:
        return
    before = {column.name: column for column in contract.recorded.columns}
    for column in table.columns:
        known = before.get(column.name)
        if known is None:
            yield (
                f"column {column.name}: the source's table {table.name} did not have it when the contract "
                "was written, and it would be left behind"
            )
        elif not same_type(known.declared, column.declared):
            yield (
                f"column {column.name}: it is {column.declared} in the source's table {table.name}, and was "
                f"{known.declared} when the contract was written"
            )
