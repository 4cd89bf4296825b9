"""`migrate discover`"""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from migration_assets.cli.answering import Answer, answering
from migration_assets.cli.discovered import data, say

if TYPE_CHECKING:
    from migration_assets.analyzer.discovery.asked import Tls


@click.command()
@click.argument("source")
@click.option("--into", required=True, metavar="TARGET", help="Name of the server that the tables go to.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for the contracts.")
@click.option("--domain", help="Group of the assets; the folder's name by default.")
@click.option("--schema", "schemas", multiple=True, help="Only this schema or database; may be repeated.")
@click.option(
    "--tables", multiple=True, metavar="PATTERN", help="Only tables called so (`order*`); may be repeated."
)
@click.option(
    "--tls",
    type=click.Choice(["verify-full", "verify-ca", "require", "disable"]),
    help="What the source's connection is held to.",
)
@click.option("--update", is_flag=True, help="Bring contracts up to date with the source.")
@answering
def discover(
    source: str,
    into: str,
    out: Path,
    domain: str | None,
    schemas: tuple[str, ...],
    tables: tuple[str, ...],
    tls: "Tls | None",
    update: bool,
) -> Answer:
    """Looks at the database SOURCE and writes a contract a table, for a person to correct.

    Where contracts of SOURCE are there already, nothing is written: it says what changed since, with
    exit code 1, and edits the files with --update. The source is only read.
    """
    from migration_assets.analyzer.catalog import Selection
    from migration_assets.analyzer.discovery.discover import Asked
    from migration_assets.analyzer.discovery.discover import discover as look
    from migration_assets.control.project import contracts_folder, root

    asked = Asked(
        source,
        into,
        root() / out,
        contracts_folder(os.environ),
        domain,
        Selection(schemas, tables),
        update,
        tls,
    )
    found = look(asked, os.environ)
    return Answer(data(found), lambda out: say(out, found), exit_code=1 if found.open else 0)
