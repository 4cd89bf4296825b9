"""What planning one contract from its source came to."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Planned:
    """What planning did for one contract."""

    contract: str
    partitions: int
    #: False when a plan was already there, and was left as it is
    made: bool
