"""`migrate verify`"""

import getpass
import os
import random
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from migration_assets.cli.answering import Answer, answering
from migration_assets.cli.choosing import keys
from migration_assets.cli.verified import as_data, say, write_csv

if TYPE_CHECKING:
    from migration_assets.contracts.model import Contract
    from migration_assets.control.verify import Verified
    from migration_assets.tables.verify.method import Method
    from migration_assets.tables.verify.proof import Proof


class Percent(click.ParamType[float]):
    name = "percent"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            number = float(str(value).removesuffix("%"))
        except ValueError:
            number = 0.0
        if not 0 < number <= 100:
            self.fail(f"{value!r} is not more than 0 % and at most 100 %.", param, ctx)
        return number


@click.command()
@click.argument("names", nargs=-1, metavar="[CONTRACT|WAVE]…")
@click.option("--partitions", metavar="A,B,…", help="Only these of the one contract named.")
@click.option("--columns", metavar="A,B,…", help="Only these columns of the target, and its key.")
@click.option("--sample", type=Percent(), metavar="N%", help="Only about so much, chosen by chance.")
@click.option(
    "--method",
    type=click.Choice(["auto", "client", "database"]),
    default="auto",
    help="Where rows are hashed: here, inside both databases, or where a trial is faster (auto).",
)
@click.option("--seed", type=int, help="What the sample is chosen by; printed where none is said.")
@click.option("--csv", "into", type=click.Path(dir_okay=False, path_type=Path), help="Every differing row.")
@click.option("--show-values", is_flag=True, help="Values of changed rows; never of classified columns.")
@click.option("--repair", is_flag=True, help="Bring rows that differ back to the source; see the page.")
@answering
def verify(
    names: tuple[str, ...],
    partitions: str | None,
    columns: str | None,
    sample: float | None,
    method: "Method",
    seed: int | None,
    into: Path | None,
    show_values: bool,
    repair: bool,
) -> Answer:
    """Compares what is in the target with what its contract makes of the source now, to the row.

    Both sides are only read, each in one snapshot; --repair alone writes to the target. The result is
    recorded as the partitions' checks `count`, `checksum` and `referential`. Exit code 1 when anything
    differs.
    """
    from migration_assets.contracts.loader import load
    from migration_assets.control.meant import contracts_meant
    from migration_assets.control.plan import steps
    from migration_assets.control.project import contracts_folder
    from migration_assets.control.verify import Wish, verified

    if repair and columns:
        raise click.UsageError("--repair takes whole rows: leave --columns out.")
    there = load(contracts_folder(os.environ))
    chosen = steps(there, contracts_meant(there, names, os.environ), wanted=keys(partitions))
    seed = random.randrange(1 << 31) if seed is None else seed
    talking = Console(stderr=True, highlight=False, soft_wrap=True)
    by = f"{getpass.getuser()}@{socket.gethostname()}" if repair else ""
    wish = Wish(keys(columns), sample, seed, show_values, method, by)
    if sample is not None:
        talking.print(f"The sample is chosen by --seed {seed}.", markup=False)
    found: list[Verified] = []
    for each in verified(chosen, there, os.environ, wish, lambda proof: _told(talking, proof)):
        found.append(each)
    _record(found, there)
    if into:
        write_csv(into, found)
    code = max((each.exit_code for each in found), default=0)
    code = code or (0 if all(each.equal for each in found) else 1)
    data = as_data(found, seed if sample is not None else None)
    return Answer(data, lambda out: say(out, found), exit_code=code)


def _record(found: "Sequence[Verified]", contracts: "Mapping[str, Contract]") -> None:
    """Dagster is only needed now, and takes as much memory as all of the comparison."""
    if not any(each.outcomes for each in found):
        return
    import dagster as dg

    from migration_assets.defs.verify import record

    with dg.DagsterInstance.get() as instance:
        record(instance, [(contracts[each.contract], each.outcomes or {}) for each in found])


def _told(out: Console, proof: "Proof") -> None:
    verdict = "equal" if proof.equal else "differs"
    rows = f"{proof.compared.target.rows:,} rows in {proof.seconds:.1f} s"
    out.print(f"{proof.contract} {proof.partition}: {verdict}, {rows}", markup=False)
