"""Settling: a row that differs while both sides live is looked at again before it is called a difference.

The two snapshots are not of one moment, and what feeds the target during coexistence comes a little
later. So the rows that differ are read again by their keys, on both sides, until each of them agrees,
or has been the same on both sides for a while and still differs.
"""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from migration_assets.tables.verify.findings import Rows
from migration_assets.tables.verify.side import Key

#: seconds that a row has to differ, unchanged on both sides, before it is called a difference
QUIET = 0.5
#: seconds after which a row that never holds still is called one
PATIENCE = 15.0
#: keys that are looked at again; beyond them, nothing is taken for a moment's difference
MOST = 20_000

#: the rows of some keys as both sides have them now
Again = Callable[[Sequence[Key]], Rows]


@dataclass(frozen=True)
class Settled:
    """The rows that still differ, and how many keys came to agree."""

    rows: Rows
    agreed: int


def settled(
    first: Rows,
    again: Again,
    *,
    seen: float | None = None,
    quiet: float = QUIET,
    patience: float = PATIENCE,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Settled:
    """`seen`: by the clock, when the first rows were read; now, where it is left out.

    now on both sides            taken for
    the same rows                no difference
    other rows than before       not decided: `quiet` begins anew
    as before, not for long      not decided
    as before for `quiet`        a difference
    (after `patience`)           a difference
    """
    keys = first.keys
    if not keys or len(keys) > MOST:
        return Settled(first, 0)
    began = clock()
    since = dict.fromkeys(keys, began if seen is None else seen)
    now, waiting, decided = first, list(keys), list[Key]()
    sources: dict[Key, Counter[bytes]] = {}
    targets: dict[Key, Counter[bytes]] = {}
    while waiting:
        left = min(since[key] for key in waiting) + quiet - clock()
        sleep(left if left > 0 else quiet / 4 if now is not first else 0)
        looked = again(waiting)
        moment, still = clock(), list[Key]()
        for key in waiting:
            same = _rows(looked.source, key) == _rows(now.source, key)
            same = same and _rows(looked.target, key) == _rows(now.target, key)
            if _rows(looked.source, key) == _rows(looked.target, key):
                continue
            since[key] = since[key] if same else moment
            sources[key], targets[key] = _rows(looked.source, key), _rows(looked.target, key)
            over = moment - began >= patience
            (decided if over or moment - since[key] >= quiet else still).append(key)
        now, waiting = looked, still
    rows = Rows(
        first.contract,
        first.columns,
        {key: sources[key] for key in decided},
        {key: targets[key] for key in decided},
        first.where,
    )
    return Settled(rows, len(keys) - len(decided))


def _rows(side: Mapping[Key, Counter[bytes]], key: Key) -> Counter[bytes]:
    return side.get(key, Counter())
