"""`migrate contracts`"""

import os

import click

from migration_assets.cli.answering import Answer, answering


@click.group()
def contracts() -> None:
    """The data contracts."""


@contracts.command()
@answering
def check() -> Answer:
    """Reads every contract and names all faults of all of them; touches nothing."""
    from migration_assets.contracts.loader import load
    from migration_assets.control.project import contracts_folder
    from migration_assets.planning.order import in_order

    folder = contracts_folder(os.environ)
    names = [contract.name for contract in in_order(load(folder).values())]
    return Answer(
        {"folder": str(folder), "contracts": names, "faults": []},
        lambda out: out.print(f"{len(names)} contracts, no faults: {', '.join(names)}", markup=False),
    )
