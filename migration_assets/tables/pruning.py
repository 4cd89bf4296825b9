"""Pruning: which staged sets of a partition are removed, told by the ledger."""

from psycopg2 import extensions

from migration_assets.contracts.model import Contract
from migration_assets.ledger import postgres as ledger
from migration_assets.staging.partition import StagedPartition
from migration_assets.tables import restore_points


def prune(connection: extensions.connection, contract: Contract, folder: StagedPartition) -> int:
    """Removes what no rollback and no run can need any more; how many sets that were.

    staged set                                             is
    a rollback may need it (`restore_points.needed`)       kept
    of the newest generation, or of one yet to come        kept: a run may be about to load it
    any other: beyond `keep_generations`, or a dead run's  removed

    A partition that is being loaded or rolled back is left for the next time.
    """
    with connection, connection.cursor() as cursor:
        if not ledger.lock_at_once(cursor, folder.contract, folder.partition):
            return 0
        history = ledger.history(cursor, folder.contract, folder.partition, ledger.ALL)
        if not history:
            return 0
        keep = restore_points.needed(history, contract.keep_generations)
        before = len(folder.sets())
        folder.prune(tuple(keep), history[0].generation - 1)
        return before - len(folder.sets())
