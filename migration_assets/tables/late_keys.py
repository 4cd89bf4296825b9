"""Late keys: whether the target may get its primary key and unique constraints after the rows.

An index is built over all rows at a third of the time that it takes to keep it row by row; random keys
make it much less. Until then nothing in the target keeps rows apart, so something else has to.
"""

from migration_assets.contracts.model import Contract, Whole
from migration_assets.tables.mapping import Mapping, is_proven
from migration_assets.tables.sources.base import SourceTable
from migration_assets.tables.targets.creation import unique_sets


def keys_may_wait(contract: Contract, mapping: Mapping, table: SourceTable, column: str | None) -> bool:
    """
    load       key's columns             partition column   references   the key
    upsert     any                       any                any          first: rows are found by it
    replace    not unique in the source  any                any          first: it is the proof
    replace    unique there, untouched   not in the key     any          first: a row may change its
                                                                         partition between two snapshots
    replace    unique there, untouched   in it, or none     to itself    first: every load looks rows up
    replace    unique there, untouched   in it, or none     others       last

    `column` is the target's column that parts the contract, None where it is one partition.
    """
    keys = [key for key in (contract.primary_key, *unique_sets(contract)) if key]
    if contract.load_mode != "replace" or any(r.parent == contract.name for r in contract.references):
        return False
    if column is None and not isinstance(contract.partitioning, Whole):
        return False
    return bool(keys) and all(
        is_proven(key, mapping.fields, mapping.reading, table) and (column is None or column in key)
        for key in keys
    )
