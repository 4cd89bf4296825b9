"""`migrate contracts`"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from migration_assets.cli.answering import Answer, answering
from migration_assets.errors import ContractFaults, WaveRefused

if TYPE_CHECKING:
    from migration_assets.contracts.model import Contract
    from migration_assets.waves.model import Wave


@click.group()
def contracts() -> None:
    """The data contracts."""


@contracts.command()
@answering
def check() -> Answer:
    """Reads every contract and every wave file and names all faults of all of them; touches nothing."""
    from migration_assets.control.project import contracts_folder
    from migration_assets.planning.order import in_order

    folder = contracts_folder(os.environ)
    there, waves = _judged(folder)
    names = [contract.name for contract in in_order(there.values())]
    document = {"folder": str(folder), "contracts": names, "waves": list(waves), "faults": []}

    def say(out: Console) -> None:
        out.print(f"{len(names)} contracts, no faults: {', '.join(names)}", markup=False)
        if waves:
            out.print(f"{len(waves)} waves, no faults: {', '.join(waves)}", markup=False)

    return Answer(document, say)


def _judged(folder: Path) -> "tuple[dict[str, Contract], Mapping[str, Wave]]":
    """ContractFaults with the faults of both, WaveRefused where only waves have some."""
    from migration_assets.contracts.loader import load
    from migration_assets.control.wave_files import planned, waves_there

    try:
        there = load(folder)
    except ContractFaults as fault:
        raise ContractFaults([*fault.faults, *waves_there(os.environ, None).faults]) from None
    found = waves_there(os.environ, there, planned(there)[0])
    if found.faults:
        raise WaveRefused(found.faults)
    return there, found.waves
