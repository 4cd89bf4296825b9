"""Rows of one partition that share a key, found by 16-byte hashes kept on disk."""

import os
from typing import BinaryIO

import numpy as np


def repeated(hashes: BinaryIO) -> frozenset[int]:
    """Places (0-based) of all hashes that stand in the file more than once; zeros are no hash.

    Two different keys agree by accident with odds of 2**-128. Memory: 8 bytes a row.
    """
    if os.fstat(hashes.fileno()).st_size == 0:
        return frozenset()
    pairs = np.memmap(hashes, dtype=[("low", "<u8"), ("high", "<u8")], mode="r")
    ordered = np.sort(pairs["low"])
    twice = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    if not twice.size:
        return frozenset()
    places = np.nonzero(np.isin(pairs["low"], twice))[0]
    seen: dict[tuple[int, int], list[int]] = {}
    for place in places:
        key = (int(pairs["low"][place]), int(pairs["high"][place]))
        if key != (0, 0):
            seen.setdefault(key, []).append(int(place))
    return frozenset(place for group in seen.values() if len(group) > 1 for place in group)
