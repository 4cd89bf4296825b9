"""`migrate match`"""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from migration_assets.cli.answering import Answer, answering

if TYPE_CHECKING:
    from migration_assets.analyzer.matching import Suggestion


@click.command()
@click.argument("source")
@click.option(
    "--into", required=True, metavar="TARGET", help="Name of the server whose tables are there already."
)
@click.option("--schema", "schemas", multiple=True, help="Only this schema of the source; may be repeated.")
@click.option(
    "--target-schema",
    "target_schemas",
    multiple=True,
    help="Only this schema of the target; may be repeated.",
)
@click.option(
    "--tables", multiple=True, metavar="PATTERN", help="Only the source's tables called so; may be repeated."
)
@click.option(
    "--tls",
    type=click.Choice(["verify-full", "verify-ca", "require", "disable"]),
    default="verify-full",
    show_default=True,
    help="What a connection that no contract speaks of is held to.",
)
@answering
def match(
    source: str,
    into: str,
    schemas: tuple[str, ...],
    target_schemas: tuple[str, ...],
    tables: tuple[str, ...],
    tls: Any,
) -> Answer:
    """Suggests which column of TARGET each column of the database SOURCE may become.

    By names, types, and values that samples of both sides have in common. Both sides are only read, and
    nothing is written: `transformSourceObjects` of the contracts is yours to fill.
    """
    from migration_assets.analyzer.catalog import Selection
    from migration_assets.analyzer.matching.ends import servers, suggested
    from migration_assets.contracts.loader import load
    from migration_assets.contracts.model import Server
    from migration_assets.control.project import contracts_folder

    folder = contracts_folder(os.environ)
    known = servers(load(folder).values()) if folder.is_dir() else {}
    own, far = (known.get(name, Server(name, "", tls=tls)) for name in (source, into))
    found = suggested(own, far, Selection(schemas, tables), Selection(target_schemas), os.environ)
    return Answer(_data(found), lambda out: _say(out, found))


def _data(found: Sequence["Suggestion"]) -> dict[str, Any]:
    return {
        "suggestions": [
            {**vars(each), "source": str(each.source), "target": str(each.target)} for each in found
        ]
    }


def _say(out: Console, found: Sequence["Suggestion"]) -> None:
    table = Table("column", "becomes", box=None, header_style="bold")
    table.add_column("confidence", justify="right")
    table.add_column("because of")
    for each in found:
        table.add_row(
            escape(f"{each.source}.{each.column}"),
            escape(f"{each.target}.{each.target_column}"),
            f"{each.confidence:.2f}",
            escape(", ".join(each.reasons)),
        )
    out.print(table if found else "No column of the one is like one of the other.")
