"""`migrate profile`"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from migration_assets.cli.answering import Answer, answering

if TYPE_CHECKING:
    from migration_assets.analyzer.profile.model import Profile
    from migration_assets.analyzer.profile.report import Written

_COLOURS = {"refused": "red", "quarantined": "yellow", "carried": "blue", "noted": "dim"}
#: hazards that are printed; the report has all
SHOWN = 40


@click.command()
@click.argument("source")
@click.option("--contracts", multiple=True, metavar="NAME", help="Only this contract; may be repeated.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the report.")
@click.option(
    "--sample-above",
    type=click.IntRange(min=1),
    default=1_000_000,
    show_default=True,
    metavar="ROWS",
    help="Look at the values of about so many rows of larger tables.",
)
@answering
def profile(source: str, contracts: tuple[str, ...], out: Path | None, sample_above: int) -> Answer:
    """Looks at every column of SOURCE and foretells what a run will refuse, set aside or change.

    Judged by the contracts of SOURCE, or by those that discovery would propose where there are none.
    The source is only read. Writes a page and a JSON file. Exit code 1 when a run would refuse something.
    """
    from migration_assets.analyzer.profile.report import write
    from migration_assets.analyzer.profile.survey import Wanted
    from migration_assets.analyzer.profile.survey import profile as look
    from migration_assets.contracts.loader import load
    from migration_assets.control.kinds import tables
    from migration_assets.control.project import contracts_folder, root
    from migration_assets.defs.profiles import profiles_folder, record

    folder = contracts_folder(os.environ)
    there = tables(load(folder)) if folder.is_dir() else {}
    _named(source, contracts, there)
    talking = Console(stderr=True, highlight=False, soft_wrap=True)
    found = look(
        Wanted(source, contracts, sample_above),
        there,
        os.environ,
        lambda name: talking.print(f"profiling {name}", markup=False),
    )
    place = root() / out if out else profiles_folder(os.environ)
    written = write(found, place, source)
    if not found.proposed:
        import dagster as dg

        with dg.DagsterInstance.get() as instance:
            record(instance, found, there, written.page)
    refused = any(each.outcome == "refused" for each in found.all_hazards)
    return Answer(_data(found, written), lambda out: _say(out, found, written), exit_code=1 if refused else 0)


def _named(source: str, names: tuple[str, ...], there: Mapping[str, Any]) -> None:
    unknown = [name for name in names if name not in there or there[name].source.name != source]
    if unknown:
        raise click.UsageError(f"No contract of {source} is called {', '.join(unknown)}.")


def _data(found: "Profile", written: "Written") -> dict[str, Any]:
    from dataclasses import asdict

    from migration_assets.analyzer.profile.report.document import summary

    return {
        **summary(found),
        "report": str(written.page),
        "document": str(written.document),
        "tables": [
            {
                "contract": table.contract,
                "table": table.table,
                "rows": table.rows,
                "read": table.read,
                "scans": table.scans,
                "seconds": table.seconds,
                "score": table.score,
                "hazards_by_kind": dict(table.by_kind),
            }
            for table in found.tables
        ],
        "hazards": [asdict(each) for each in found.all_hazards],
    }


def _say(out: Console, found: "Profile", written: "Written") -> None:
    of = "contracts that are only proposed" if found.proposed else "its contracts"
    out.print(
        f"{found.source}: {found.engine} {found.version}, {len(found.tables)} tables, by {of}", markup=False
    )
    table = Table("contract", "rows", "looked at", "readings", "seconds", "score", "hazards", box=None)
    for each in found.tables:
        rows = "?" if each.rows is None else f"{each.rows:,}"
        kinds = ", ".join(f"{kind} {number}" for kind, number in sorted(each.by_kind.items()))
        cells = (each.contract, rows, f"{each.read:,}", each.scans, f"{each.seconds:.1f}", each.score, kinds)
        table.add_row(*(escape(str(cell)) for cell in cells))
    out.print(table)
    _say_hazards(out, found)
    out.print(f"\nThe report: {written.page}", markup=False)


def _say_hazards(out: Console, found: "Profile") -> None:
    hazards = [each for each in found.all_hazards if each.outcome != "noted"]
    for each in hazards[:SHOWN]:
        place = f"{each.table}.{each.column}" if each.column else each.table
        rows = "" if each.rows is None else f", {each.rows:,} rows"
        keys = f" ({'; '.join(each.keys[:3])})" if each.keys else ""
        colour = _COLOURS[each.outcome]
        said = escape(f"{place}: {each.kind}{rows}{keys}")
        out.print(f"[{colour}]{each.outcome:<12}[/{colour}]{said}")
    if len(hazards) > SHOWN:
        out.print(f"… {len(hazards) - SHOWN} more; the report has all")
    noted = len(found.all_hazards) - len(hazards)
    if noted:
        out.print(f"{noted} more to know, which keep nothing from moving")
