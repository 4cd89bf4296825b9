"""A contract's planned partitions as Dagster partitions; no connection is opened."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import dagster as dg

from migration_assets.contracts.model import Contract
from migration_assets.errors import PlanRefused
from migration_assets.planning.partitions import Partition

#: A run takes at least so many partitions, so that what a run costs by itself does not count,
#: and as many as keep a contract at about so many runs.
FEWEST_A_RUN, RUNS = 16, 200
#: so many contracts of the same partitions keep out of each other's runs
SPREAD = 16
#: So many tables of one partition each share a run: small tables cost next to nothing in it, and
#: large ones still run beside each other.
TABLES_A_RUN = 8

Planner = Callable[[Contract], Sequence[Partition]]


@dataclass(frozen=True)
class Partitioned:
    """A contract with its partitions in Dagster's words."""

    contract: Contract
    definition: dg.StaticPartitionsDefinition
    backfill_policy: dg.BackfillPolicy
    #: why there are no partitions yet
    unplanned: str = ""


def partition_all(contracts: Mapping[str, Contract], planner: Planner) -> dict[str, Partitioned]:
    """
    planned            partitions of the contract
    yes                its keys, in order
    not yet, refused   none, with the reason: it still loads and says what to do

    Dagster puts into one run what has the same keys and the same backfill policy, and does not put
    together what differs in either. So the policy, by one partition more or less a run, decides which
    contracts share a run.
    """
    seen: Counter[tuple[str, ...]] = Counter()
    made: dict[str, Partitioned] = {}
    for contract in contracts.values():
        keys, unplanned = _keys(contract, planner)
        place = seen[keys] // (TABLES_A_RUN if len(keys) == 1 else 1)
        seen[keys] += 1
        made[contract.name] = Partitioned(
            contract,
            dg.StaticPartitionsDefinition(list(keys)),
            dg.BackfillPolicy.multi_run(max_partitions_per_run=_a_run(len(keys)) + place % SPREAD),
            unplanned,
        )
    return made


def _a_run(partitions: int) -> int:
    return max(FEWEST_A_RUN, partitions // RUNS)


def _keys(contract: Contract, planner: Planner) -> tuple[tuple[str, ...], str]:
    try:
        return tuple(partition.key for partition in planner(contract)), ""
    except PlanRefused as refused:
        return (), str(refused)
