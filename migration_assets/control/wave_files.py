"""Wave files as they lie in their place, and the partitions that they may mean."""

from collections.abc import Mapping

from migration_assets.contracts.model import Contract
from migration_assets.control import project
from migration_assets.errors import PlanRefused, WaveRefused
from migration_assets.planning.keys import partitions
from migration_assets.waves.model import Wave
from migration_assets.waves.places import place_of
from migration_assets.waves.soundness import Waves, judged


def waves_there(
    environment: Mapping[str, str],
    contracts: Mapping[str, Contract] | None,
    keys: Mapping[str, tuple[str, ...]] | None = None,
) -> Waves:
    """All wave files as they are now, and their faults."""
    return judged(place_of(environment, project.root()).documents(), contracts, keys)


def wave_named(waves: Waves, name: str) -> Wave:
    """WaveRefused with the faults of all files where the wave is not among those that can be used."""
    if name not in waves.waves:
        if waves.faults:
            raise WaveRefused(waves.faults)
        raise PlanRefused(f"There is no wave {name!r}.", advice="`migrate wave list` lists all of them.")
    return waves.waves[name]


def planned(contracts: Mapping[str, Contract]) -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
    """The keys of each contract, none where it has no plan yet, and why it has none."""
    keys: dict[str, tuple[str, ...]] = {}
    unplanned: dict[str, str] = {}
    for name, contract in contracts.items():
        try:
            keys[name] = tuple(partition.key for partition in partitions(contract))
        except PlanRefused as refused:
            keys[name], unplanned[name] = (), str(refused)
    return keys, unplanned
