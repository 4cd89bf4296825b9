"""Which partitions of which contracts are meant: what was asked for, against what there is."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Literal

from migration_assets.contracts.model import Contract
from migration_assets.errors import PlanRefused

#: what the last attempt at a partition came to
State = Literal["loaded", "failed", "running", "missing"]
Only = Literal["all", "missing", "failed"]


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
) -> dict[str, tuple[str, ...]]:
    """The partitions of each contract, in the order of its plan; contracts without any are left out.

    wanted    only      chosen
    some      -         those, of the one contract that is named
    none      all       all
    none      missing   those that were never loaded
    none      failed    those whose last attempt failed
    """
    if wanted:
        if len(keys) != 1:
            raise PlanRefused(
                "Partitions belong to one contract.", advice="Name it: `migrate run CONTRACT --partitions …`."
            )
        ((contract, known),) = keys.items()
        for key in wanted:
            _refuse_unknown(key, known, f"partition of {contract}", f"`migrate plan {contract}` lists them.")
        return {contract: tuple(key for key in known if key in set(wanted))}
    found = (states or {}) if only != "all" else {}
    chosen = {
        contract: tuple(
            key for key in known if only == "all" or found.get(contract, {}).get(key, "missing") == only
        )
        for contract, known in keys.items()
    }
    return {contract: partitions for contract, partitions in chosen.items() if partitions}


def _refuse_unknown(name: str, known: Iterable[str], what: str, advice: str) -> None:
    known = list(known)
    if name in known:
        return
    near = get_close_matches(name, known, n=1)
    guess = f" Did you mean {near[0]}?" if near else ""
    raise PlanRefused(f"There is no {what} {name!r}.{guess}", advice=advice)
