"""Method: whether rows are hashed on the client or inside both databases, and why, in words.

On the client costs bytes, in the databases CPU. Which one is less depends on the network, so a few rows
are tried both ways before many are read.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

from migration_assets.errors import PlanRefused

Method = Literal["auto", "client", "database"]
METHODS: tuple[Method, ...] = get_args(Method)

CLIENT = "XXH3-128 of every row's COPY text, summed on the client, both sides read at once"
DATABASE = "two times 64 bits of the SHA-256 of every row's text, summed inside both databases at once"
#: rows that are tried both ways; a trial is only made of so many rows as are worth it
TRIED, WORTH = 10_000, 200_000
#: trials are short: inside the databases has to be so much faster
MARGIN = 0.8


@dataclass(frozen=True)
class Trial:
    """Seconds that the same rows of one side took each way."""

    client: float
    database: float


@dataclass(frozen=True)
class Way:
    """How rows are hashed, and what the result says of it."""

    in_database: bool
    words: str

    @property
    def after_all(self) -> str:
        """What is said of a partition that the databases' sums told apart, and that was read for it."""
        return f"{CLIENT}; inside the databases its sums had differed"


ON_CLIENT = Way(False, CLIENT)


def way(
    method: Method, contract: str, unfit: str, rows: int, tried: Callable[[], tuple[Trial, Trial]]
) -> Way:
    """
    asked      unfit   rows           way
    client     any     any            client
    database   no      any            database
    database   yes     any            PlanRefused
    auto       no      worth a trial  the faster one
    auto       else                   client
    """
    if method == "database" and unfit:
        raise PlanRefused(
            f"{contract} cannot be compared inside the databases: {unfit}.",
            advice="Leave --method out, or say `--method client`.",
        )
    if method == "database":
        return Way(True, f"{DATABASE}, as asked")
    if method == "client" or unfit or rows < WORTH:
        return Way(False, f"{CLIENT}, as asked") if method == "client" else ON_CLIENT
    return faster(*tried())


def faster(source: Trial, target: Trial) -> Way:
    """The sides work at once: the slower one counts."""
    client, database = max(source.client, target.client), max(source.database, target.database)
    inside = database < MARGIN * client
    told = f"{TRIED:,} rows took {client:.3f} s on the client, {database:.3f} s inside the databases"
    return Way(inside, f"{DATABASE if inside else CLIENT}; {told}")
