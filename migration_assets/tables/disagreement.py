"""Disagreement: which rows two readings of a partition do not have in common, named by their keys.

Both readings are made twice: first their hashes are added up in buckets, then only rows of buckets
that differ are kept. Memory goes with what differs, not with the size of the partition.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from xxhash import xxh3_128_intdigest

from migration_assets.checks.outcome import KEYS_SHOWN, RowKey
from migration_assets.contracts.model import Contract
from migration_assets.tables import copy_text
from migration_assets.tables.row_key import shown_key

BUCKETS = 4096
#: rows of differing buckets that are kept at most; beyond that, what is named is a part
KEPT = 200_000

Lines = Callable[[], Iterable[bytes]]


def differing_rows(contract: Contract, staged: Lines, target: Lines) -> tuple[RowKey, ...]:
    """The first rows that are missing, extra or changed in the target; each reading yields pieces of
    whole lines and can be made twice."""
    sums = [0] * BUCKETS
    for sign, lines in ((1, staged), (-1, target)):
        for digest, _ in _rows(lines()):
            sums[digest % BUCKETS] += sign * digest
    suspect = {bucket for bucket, total in enumerate(sums) if total}
    counted: Counter[bytes] = Counter()
    for sign, lines in ((1, staged), (-1, target)):
        for digest, row in _rows(lines()):
            if digest % BUCKETS in suspect:
                counted[row] += sign
                if not counted[row]:
                    del counted[row]
            if len(counted) > KEPT:
                break
    return _named(contract, counted)


def _rows(pieces: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    for piece in pieces:
        rows = piece.split(b"\n")
        rows.pop()
        for row in rows:
            yield xxh3_128_intdigest(row), row


def _named(contract: Contract, counted: Counter[bytes]) -> tuple[RowKey, ...]:
    places = [[c.name for c in contract.columns].index(name) for name in contract.primary_key]
    sides: dict[str, set[str]] = {}
    for row, number in counted.items():
        side = "missing in the target" if number > 0 else "extra in the target"
        sides.setdefault(_key(contract, row, places), set()).add(side)
    named = [
        RowKey(key, "changed in the target" if len(found) == 2 else next(iter(found)))
        for key, found in sorted(sides.items())
    ]
    return tuple(named[:KEYS_SHOWN])


def _key(contract: Contract, row: bytes, places: list[int]) -> str:
    """The row's key for people; a row without a key goes by its hash."""
    if not places:
        return f"row #{xxh3_128_intdigest(row):032x}"[:14]
    columns = copy_text.columns_of(row + b"\n", len(contract.columns))
    key = {contract.columns[p].name: copy_text.decoded(columns[p])[0].as_py() for p in places}
    return shown_key(contract, key, 0)
