"""`migrate demo`"""

import sys

import click


@click.command()
@click.option("--scale", type=float, default=0.05, show_default=True, help="TPC-H scale: 1 is about 1 GB.")
@click.option("--ui", is_flag=True, help="Open that world in the Dagster UI afterwards.")
@click.option("--json", "as_json", is_flag=True, help="Answer with one JSON document.")
def demo(scale: float, ui: bool, as_json: bool) -> None:
    """A shop in an old database, moved into a new one and verified, on this machine alone."""
    from migration_assets.demo.command import main

    sys.exit(main(scale, ui, as_json))
