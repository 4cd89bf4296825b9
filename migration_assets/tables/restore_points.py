"""Restore points: which generations of a partition can be put back, told from its ledger; pure.

A history is the ledger's entries of one partition, newest first.
"""

from collections.abc import Sequence

from migration_assets.ledger.postgres import Entry

History = Sequence[Entry]

ROLLED_BACK = "rolled_back"
#: the staged set of a generation that has no rows because there was nothing to go back to
NOTHING = ""


def is_empty(entry: Entry) -> bool:
    """Whether the generation is a rollback to before the first load."""
    return entry.state == ROLLED_BACK and entry.staged == NOTHING


def origin(history: History, entry: Entry) -> int:
    """The load whose rows a generation has, 0 for none.

    generation                      its rows come from
    loaded                          itself
    rolled back to an earlier one   the newest earlier load of the same staged rows and fingerprint
    rolled back to nothing          0
    """
    if entry.state != ROLLED_BACK:
        return entry.generation
    if is_empty(entry):
        return 0
    same = (
        each.generation
        for each in history
        if each.generation < entry.generation
        and each.state != ROLLED_BACK
        and (each.staged, each.fingerprint) == (entry.staged, entry.fingerprint)
    )
    return max(same, default=0)


def previous(history: History) -> int | None:
    """Where a rollback goes when nobody says: the load before the one whose rows are there now.

    ledger, oldest first          goes to
    1, 2, 3                       2
    1, 2, 3, 4 = rollback to 2    1
    1, 2, 3, 4 = rollback to 2, 5 2, the rows of 4
    1                             0: no rows
    1, 2 = rollback to 0          None: nothing is left to take back
    none                          None
    """
    if not history or is_empty(history[0]):
        return None
    newest = history[0]
    if newest.state != ROLLED_BACK and len(history) > 1:
        return origin(history, history[1])
    now = origin(history, newest)
    return max((e.generation for e in history if e.generation < now and e.state != ROLLED_BACK), default=0)


def entry_of(history: History, generation: int) -> Entry | None:
    return next((each for each in history if each.generation == generation), None)


def needed(history: History, keep: int) -> frozenset[str]:
    """The staged sets that a rollback may still need: the newest `keep` sets, the one whose rows are
    there now, and as many loads before it as make `keep` together."""
    if not history:
        return frozenset()
    now = origin(history, history[0])
    earlier = [each for each in history if each.generation <= now and each.state != ROLLED_BACK]
    sets = [*_distinct(history)[:keep], *_distinct(earlier)[:keep], history[0].staged]
    return frozenset(sets) - {NOTHING}


def _distinct(entries: History) -> list[str]:
    return [staged for staged in dict.fromkeys(each.staged for each in entries) if staged != NOTHING]
