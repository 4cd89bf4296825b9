"""Contracts in, the order out in which they are loaded."""

import heapq
from collections.abc import Iterable

from migration_assets.contracts.model import Contract
from migration_assets.errors import PlanRefused


def in_order(contracts: Iterable[Contract]) -> tuple[Contract, ...]:
    """Parents before children, then high priority before low, then by name.

    Deferred references, those to itself and those to contracts that are not given do not count.
    PlanRefused when the others form a cycle."""
    waiting = {contract.name: contract for contract in contracts}
    parents = {name: _parents(contract) & waiting.keys() for name, contract in waiting.items()}
    children: dict[str, list[str]] = {name: [] for name in waiting}
    for name, above in parents.items():
        for parent in above:
            children[parent].append(name)
    missing = {name: len(above) for name, above in parents.items()}
    ready = [(-waiting[name].priority, name) for name, number in missing.items() if number == 0]
    heapq.heapify(ready)
    ordered: list[Contract] = []
    while ready:
        _, name = heapq.heappop(ready)
        ordered.append(waiting[name])
        for child in children[name]:
            missing[child] -= 1
            if missing[child] == 0:
                heapq.heappush(ready, (-waiting[child].priority, child))
    if len(ordered) < len(waiting):
        left = sorted(name for name, number in missing.items() if number > 0)
        raise PlanRefused(
            f"No order of {', '.join(left)} has every parent before its children.",
            advice="Run `migrate contracts check`; it names the cycle.",
        )
    return tuple(ordered)


def _parents(contract: Contract) -> set[str]:
    return {
        reference.parent
        for reference in contract.references
        if not reference.deferred and reference.parent != contract.name
    }
