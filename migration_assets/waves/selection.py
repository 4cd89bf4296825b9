"""Which contracts a wave means."""

from collections.abc import Collection, Mapping, Sequence

from migration_assets.contracts.model import Contract
from migration_assets.planning.order import in_order
from migration_assets.waves.model import Wave


def contracts_of(wave: Wave, contracts: Mapping[str, Contract]) -> tuple[str, ...]:
    """Those it names, those of its domains and those with one of its tags, parents before children."""
    meant = {name: contract for name, contract in contracts.items() if _means(wave, contract)}
    return tuple(contract.name for contract in in_order(meant.values()))


def named(
    contracts: Mapping[str, Contract], waves: Mapping[str, Wave], names: Sequence[str]
) -> tuple[str, ...]:
    """Each wave's contracts in place of its name; other names stay as they are."""
    found: dict[str, None] = {}
    for name in names:
        found |= dict.fromkeys(contracts_of(waves[name], contracts) if name in waves else (name,))
    return tuple(found)


def _means(wave: Wave, contract: Contract) -> bool:
    tags: Collection[str] = contract.tags
    return (
        contract.name in wave.contracts
        or contract.domain in wave.domains
        or any(tag in tags for tag in wave.tags)
    )
