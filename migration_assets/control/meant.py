"""What an operator's words mean: a wave's name stands for the contracts of the wave."""

from collections.abc import Mapping, Sequence

from migration_assets.contracts.model import Contract
from migration_assets.control import project
from migration_assets.errors import Fault, WaveRefused
from migration_assets.waves.document import drafted
from migration_assets.waves.model import Wave
from migration_assets.waves.places import place_of
from migration_assets.waves.selection import named


def contracts_meant(
    contracts: Mapping[str, Contract], names: Sequence[str], environment: Mapping[str, str]
) -> tuple[str, ...]:
    """Names of contracts; a name that is neither a contract's nor a wave's stays as it is.

    Wave files are only read for a name that is no contract's; WaveRefused where one that may have been
    meant has faults."""
    if all(name in contracts for name in names):
        return tuple(names)
    waves: dict[str, Wave] = {}
    faults: list[Fault] = []
    for document in place_of(environment, project.root()).documents():
        wave, found, _ = drafted(document.text, document.origin)
        faults += found
        if wave is not None and not found:
            waves[wave.name] = wave
    if faults and any(name not in contracts and name not in waves for name in names):
        raise WaveRefused(faults)
    return named(contracts, waves, names)
