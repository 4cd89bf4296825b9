"""Names for constraints and indexes that the contract does not name: short enough, and never shared."""

import hashlib
from collections.abc import Collection

#: PostgreSQL cuts longer names silently, so that two of them may become one.
LONGEST = 63


def candidates(*words: str) -> tuple[str, ...]:
    """Names made of the words, the plainest first; always the same ones for the same words.

    The plain one is left out when it is too long; the others end in a mark of all the words, so that
    ("a", "b_c") and ("a_b", "c") are parted.
    """
    plain = "_".join(words)
    marked = tuple(_marked(plain, words, turn) for turn in range(3))
    return (plain, *marked) if len(plain.encode()) <= LONGEST else marked


def first_free(names: Collection[str], taken: Collection[str]) -> str:
    """The first of the names that is not taken; the last one when all are."""
    return next((name for name in names if name not in taken), list(names)[-1])


def _marked(plain: str, words: tuple[str, ...], turn: int) -> str:
    mark = hashlib.sha256("\0".join((*words, str(turn))).encode()).hexdigest()[:8]
    head = plain.encode()[: LONGEST - len(mark) - 1].decode(errors="ignore")
    return f"{head}_{mark}"
