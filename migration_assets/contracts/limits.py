"""Limits of a server: how fast it is read or filled, over how many connections, and when to back off."""

import re
from dataclasses import asdict, dataclass, fields

_AMOUNT = re.compile(r"(\d+(?:\.\d+)?) ?(B|[kKMG]B|[KMG]iB)?")
_FACTORS = {
    "B": 1,
    "kB": 10**3,
    "KB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
    "KiB": 2**10,
    "MiB": 2**20,
    "GiB": 2**30,
}


@dataclass(frozen=True)
class Limits:
    """What is said of one server; None where nothing is, 0 where there shall be no limit."""

    rows_per_second: int | None = None
    bytes_per_second: int | None = None
    #: at once, of all runs together
    connections: int | None = None
    #: rows that are taken at once
    batch_rows: int | None = None
    #: statements of others that the server may be busy with (milliseconds of an answer where it does
    #: not count them) before everything waits
    busy_above: int | None = None

    def over(self, others: "Limits") -> "Limits":
        """What is said here, and where nothing is, what is said there."""
        said = {name: value for name, value in asdict(self).items() if value is not None}
        return Limits(**(asdict(others) | said))

    def holding(self) -> "Limits":
        """What limits; None everywhere else."""
        return Limits(**{name: value or None for name, value in asdict(self).items()})


NO_LIMITS = Limits()
NAMES = tuple(field.name for field in fields(Limits))


def bytes_of(text: str) -> int:
    """`20MB` as 20000000 (also B, kB, GB, and KiB, MiB, GiB of 1024); ValueError for anything else."""
    found = _AMOUNT.fullmatch(text.strip())
    if not found:
        raise ValueError("no number of bytes")
    return round(float(found[1]) * _FACTORS[found[2] or "B"])
