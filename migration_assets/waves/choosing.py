"""Which partitions of a contract a wave means; pure."""

from collections.abc import Collection, Mapping, Sequence
from typing import assert_never

from migration_assets.contracts.model import ByTime, Contract, Whole
from migration_assets.planning.partitions import REST
from migration_assets.waves.model import ByState, ChangedSince, Partitions, Range


def chosen(
    partitions: Partitions,
    contract: Contract,
    keys: Sequence[str],
    *,
    states: Mapping[str, str],
    changed: Collection[str] = (),
) -> tuple[str, ...]:
    """In the order of the contract's plan. `states` are what the last attempts came to: loaded, failed,
    running, missing; `changed` are partitions whose source or contract has changed since their load.

    said              contract     partition is                          meant
    all               any          any                                   yes
    missing           any          not loaded (never, or it failed)      yes
    failed            any          its last attempt failed               yes
    from, to          whole        the only one                          yes
    from, to          by time      at or between them, as far as said    yes
    from, to          otherwise    at or between them in the plan        yes
    changed_since     any          not loaded, or among the changed      yes
    """
    match partitions:
        case ByState("all"):
            return tuple(keys)
        case ByState("missing"):
            return tuple(key for key in keys if states.get(key, "missing") in ("missing", "failed"))
        case ByState("failed"):
            return tuple(key for key in keys if states.get(key) == "failed")
        case ByState():
            return ()
        case Range():
            return _between(partitions, contract, keys)
        case ChangedSince():
            return tuple(key for key in keys if states.get(key) != "loaded" or key in changed)
        case _:
            assert_never(partitions)


def unknown_bounds(said: Range, contract: Contract, keys: Sequence[str]) -> tuple[str, ...]:
    """Bounds that name no partition, where only partitions can be bounds."""
    if isinstance(contract.partitioning, Whole | ByTime):
        return ()
    return tuple(bound for bound in (said.first, said.last) if bound is not None and bound not in keys)


def _between(said: Range, contract: Contract, keys: Sequence[str]) -> tuple[str, ...]:
    if isinstance(contract.partitioning, Whole):
        return tuple(keys)
    if isinstance(contract.partitioning, ByTime):
        return tuple(key for key in keys if key != REST and _holds(said, key))
    first = keys.index(said.first) if said.first in keys else 0
    last = keys.index(said.last) if said.last in keys else len(keys) - 1
    return tuple(keys[first : last + 1])


def _holds(said: Range, key: str) -> bool:
    """Keys are beginnings of ISO 8601: they are compared as far as both go, so June has its last day."""
    return (said.first is None or key >= said.first[: len(key)]) and (
        said.last is None or key[: len(said.last)] <= said.last
    )
