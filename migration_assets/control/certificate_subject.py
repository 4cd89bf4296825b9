"""What a certificate is about: waves and contracts by name, with the partitions that are meant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from migration_assets.certificate.canonical import Json
from migration_assets.contracts.model import Contract
from migration_assets.control.meant import contracts_meant
from migration_assets.control.plan import Step, steps
from migration_assets.control.wave_files import planned, wave_named, waves_there
from migration_assets.errors import PlanRefused
from migration_assets.planning.order import in_order
from migration_assets.waves.choosing import chosen
from migration_assets.waves.model import Range, Wave


@dataclass(frozen=True)
class Subject:
    """What a certificate is about."""

    names: tuple[str, ...]
    steps: tuple[Step, ...]
    #: where a single wave was named
    wave: Wave | None = None

    @property
    def name(self) -> str:
        return "+".join(self.names)

    @property
    def said(self) -> dict[str, Json]:
        wave = self.wave
        said = wave and {"name": wave.name, "version": wave.version, "work": wave.work, "sha256": wave.digest}
        return {"names": self.names, "wave": said}


def subject_of(
    contracts: Mapping[str, Contract], names: Sequence[str], environment: Mapping[str, str]
) -> Subject:
    """Contracts and waves by name, each with the partitions that it moves; PlanRefused and WaveRefused
    for what is not there."""
    found: dict[str, Step] = {}
    waves: list[Wave] = []
    for name in names:
        meant = contracts_meant(contracts, (name,), environment)
        if meant != (name,):
            keys, _ = planned(contracts)
            waves.append(wave_named(waves_there(environment, contracts, keys), name))
        # a wave of nothing is not a wave of everything
        for step in steps(contracts, meant) if meant else ():
            before = found[step.contract.name].wanted if step.contract.name in found else frozenset[str]()
            wanted = before | frozenset(step.partitions if meant == (name,) else _of_wave(waves[-1], step))
            chosen_keys = tuple(key for key in step.all_partitions if key in wanted)
            found[step.contract.name] = replace(step, partitions=chosen_keys)
    merged = [found[each.name] for each in in_order(step.contract for step in found.values())]
    if not any(step.partitions for step in merged):
        raise PlanRefused(f"{' '.join(names)} means no partition.", advice="`migrate plan` lists partitions.")
    names = tuple(dict.fromkeys(names))
    only = waves[0] if waves and len(names) == 1 else None
    return Subject(names, tuple(step for step in merged if step.partitions), only)


def _of_wave(wave: Wave, step: Step) -> tuple[str, ...]:
    """All of the contract's; those of the wave's range, where it has one: whatever else a wave says is of
    what was still to be moved."""
    if not isinstance(wave.partitions, Range):
        return step.partitions
    return chosen(wave.partitions, step.contract, step.all_partitions, states={})
