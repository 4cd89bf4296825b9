"""Asked: what is to be compared, and what is to be said of it."""

from dataclasses import dataclass

from migration_assets.planning.partitions import Partition
from migration_assets.tables.verify import settling
from migration_assets.tables.verify.method import Method

#: rows of each side that are picked and named at most, in one partition
MOST = 50_000


@dataclass(frozen=True)
class Asked:
    """Partitions of one contract."""

    partitions: tuple[Partition, ...]
    #: of the target; none: all of the contract's
    columns: tuple[str, ...] = ()
    show_values: bool = False
    #: what a sample is of, in words
    sample: str = ""
    #: where rows are hashed
    method: Method = "auto"
    #: seconds that a row has to differ, unchanged, before it is called a difference
    quiet: float = settling.QUIET
    most: int = MOST
