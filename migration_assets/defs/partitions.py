"""A contract's planned partitions as Dagster partitions; no connection is opened."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import dagster as dg

from migration_assets.contracts.model import Contract
from migration_assets.control.growing import definition_of
from migration_assets.errors import ConnectionRefused, PlanRefused
from migration_assets.planning.partitions import Partition

#: A run takes at least so many partitions, so that what a run costs by itself does not count; up to so many
#: while a contract keeps enough runs to go on side by side; and as many as leave it at so many runs.
FEWEST_A_RUN, MANY_A_RUN, SIDE_BY_SIDE, RUNS = 16, 64, 4, 200
#: likewise, where it is said how many runs of a contract there are workers for
FEWEST_SAID = 4
#: so many contracts of the same partitions keep out of each other's runs
SPREAD = 16
#: So many tables of one partition each share a run: small tables cost next to nothing in it, and
#: large ones still run beside each other. Tables that refer to each other stay together, up to so many:
#: in a run of its own a child would be taken up twice, before and after its parents are loaded.
TABLES_A_RUN, FAMILY_A_RUN = 8, 24

Planner = Callable[[Contract], Sequence[Partition]]


@dataclass(frozen=True)
class Partitioned:
    """A contract with its partitions in Dagster's words."""

    contract: Contract
    definition: dg.PartitionsDefinition[str]
    backfill_policy: dg.BackfillPolicy
    #: those that are there when definitions load; a scheduled contract may get more
    keys: tuple[str, ...] = ()
    #: why there are no partitions yet
    unplanned: str = ""


def partition_all(
    contracts: Mapping[str, Contract], planner: Planner, beside: int | None = None
) -> dict[str, Partitioned]:
    """
    planned            partitions of the contract
    yes                its keys, in order
    not yet, refused   none, with the reason: it still loads and says what to do

    Dagster puts into one run what has the same keys and the same backfill policy, and does not put
    together what differs in either. So the policy, by one partition more or less a run, decides which
    contracts share a run.
    """
    keys = {name: _keys(contract, planner) for name, contract in contracts.items()}
    places = _places(contracts, {name: planned for name, (planned, _) in keys.items()})
    return {
        name: Partitioned(
            contract,
            definition_of(contract, keys[name][0]),
            dg.BackfillPolicy.multi_run(
                max_partitions_per_run=_a_run(len(keys[name][0]), beside) + places[name] % SPREAD
            ),
            *keys[name],
        )
        for name, contract in contracts.items()
    }


def _places(contracts: Mapping[str, Contract], keys: Mapping[str, tuple[str, ...]]) -> dict[str, int]:
    """A number for each contract; those of the same partitions and the same number share their runs."""
    places: dict[str, int] = {}
    seen: Counter[tuple[str, ...]] = Counter()
    full: Counter[tuple[str, ...]] = Counter()
    for family in families(contracts):
        for together in batched([name for name in family if len(keys[name]) == 1], FAMILY_A_RUN):
            mine = keys[together[0]]
            if full[mine] and full[mine] + len(together) > TABLES_A_RUN:
                seen[mine] += 1
                full[mine] = 0
            full[mine] += len(together)
            places |= dict.fromkeys(together, seen[mine])
    for name in contracts:
        if name not in places:
            places[name] = seen[keys[name]]
            seen[keys[name]] += 1
    return places


def families(contracts: Mapping[str, Contract]) -> list[list[str]]:
    """The contracts in groups that no reference leaves, in the order in which each group is first met."""
    relatives: dict[str, set[str]] = {name: set() for name in contracts}
    for contract in contracts.values():
        for parent in (each.parent for each in contract.references if not each.deferred):
            if parent in relatives:
                relatives[contract.name].add(parent)
                relatives[parent].add(contract.name)
    found: list[list[str]] = []
    met: set[str] = set()
    for name in contracts:
        ahead, family = [name], list[str]()
        while ahead:
            if (one := ahead.pop()) not in met:
                met.add(one)
                family.append(one)
                ahead += sorted(relatives[one] - met, reverse=True)
        found += [family] if family else []
    return found


def _a_run(partitions: int, beside: int | None = None) -> int:
    """
    partitions             16    100    256    1,000    12,800    100,000
    in a run               16    25     64     64       64        500
    runs                   1     4      4      16       200       200
    beside 16, in a run    4     7      16     63       64        500
    """
    if beside is not None:
        return max(FEWEST_SAID, min(MANY_A_RUN, -(-partitions // beside)), partitions // RUNS)
    return max(FEWEST_A_RUN, min(MANY_A_RUN, partitions // SIDE_BY_SIDE), partitions // RUNS)


def runs_beside(environment: Mapping[str, str]) -> int | None:
    """`MIGRATION_RUNS`: how many runs of one contract shall go on side by side, where somebody says so.

    ConnectionRefused for what is no number.
    """
    said = environment.get("MIGRATION_RUNS")
    if not said:
        return None
    if not said.isdecimal() or int(said) < 1:
        raise ConnectionRefused(
            "MIGRATION_RUNS is no number of 1 or more.",
            advice="Set it to how many runs of one contract may go on at once, or leave it unset.",
        )
    return int(said)


def _keys(contract: Contract, planner: Planner) -> tuple[tuple[str, ...], str]:
    try:
        return tuple(partition.key for partition in planner(contract)), ""
    except PlanRefused as refused:
        return (), str(refused)


def batched(names: Sequence[str], number: int) -> Iterator[Sequence[str]]:
    for at in range(0, len(names), number):
        yield names[at : at + number]
