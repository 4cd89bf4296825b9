"""Which partitions of which contracts are meant: what was asked for, against what there is."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Literal

from migration_assets.contracts.model import Contract
from migration_assets.errors import PlanRefused

#: what the last attempt at a partition came to; stale: loaded, but not what its source and contract say now
State = Literal["loaded", "failed", "running", "missing", "stale"]
#: changed: whatever is not loaded or is stale
Only = Literal["all", "missing", "failed", "stale", "changed"]
#: the first and the last partition of a range in the order of the plan; None is open
Between = tuple[str | None, str | None]


def contracts_named(contracts: Mapping[str, Contract], names: Sequence[str]) -> dict[str, Contract]:
    """The contracts of these names, all where none is said; PlanRefused for names that are not there."""
    for name in names:
        _refuse_unknown(name, contracts, "contract", "`migrate status` lists all of them.")
    return {name: contract for name, contract in contracts.items() if not names or name in names}


def partitions_chosen(
    keys: Mapping[str, Sequence[str]],
    *,
    wanted: Sequence[str] = (),
    only: Only = "all",
    states: Mapping[str, Mapping[str, State]] | None = None,
    between: Between = (None, None),
) -> dict[str, tuple[str, ...]]:
    """The partitions of each contract, in the order of its plan; contracts without any are left out.

    wanted    only      chosen, of those that are between
    some      -         those, of the one contract that is named
    none      all       all
    none      missing   those that were never loaded
    none      failed    those whose last attempt failed
    none      stale     those whose source or contract has changed since they were loaded
    none      changed   those that are not loaded, and the stale ones
    """
    if wanted:
        return _named(keys, wanted)
    found = (states or {}) if only != "all" else {}
    chosen = {
        contract: tuple(
            key
            for key in within(contract, known, between)
            if only == "all" or _meant(only, found.get(contract, {}).get(key, "missing"))
        )
        for contract, known in keys.items()
    }
    return {contract: partitions for contract, partitions in chosen.items() if partitions}


def within(contract: str, known: Sequence[str], between: Between) -> Sequence[str]:
    """The keys from the first to the last, both included; PlanRefused where one is not there."""
    for key in between:
        if key is not None:
            _refuse_unknown(key, known, f"partition of {contract}", f"`migrate plan {contract}` lists them.")
    first, last = between
    at = known.index(first) if first is not None else 0
    end = known.index(last) + 1 if last is not None else len(known)
    if end <= at:
        raise PlanRefused(
            f"In {contract}, {last} comes before {first}.",
            advice=f"Turn them around; `migrate plan {contract}` lists the partitions in their order.",
        )
    return known[at:end]


def _meant(only: Only, state: State) -> bool:
    return state != "loaded" if only == "changed" else state == only


def _named(keys: Mapping[str, Sequence[str]], wanted: Sequence[str]) -> dict[str, tuple[str, ...]]:
    if len(keys) != 1:
        raise PlanRefused(
            "Partitions belong to one contract.", advice="Name it: `migrate run CONTRACT --partitions …`."
        )
    ((contract, known),) = keys.items()
    for key in wanted:
        _refuse_unknown(key, known, f"partition of {contract}", f"`migrate plan {contract}` lists them.")
    return {contract: tuple(key for key in known if key in set(wanted))}


def _refuse_unknown(name: str, known: Iterable[str], what: str, advice: str) -> None:
    known = list(known)
    if name in known:
        return
    near = get_close_matches(name, known, n=1)
    guess = f" Did you mean {near[0]}?" if near else ""
    raise PlanRefused(f"There is no {what} {name!r}.{guess}", advice=advice)
