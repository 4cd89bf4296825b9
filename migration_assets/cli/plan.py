"""`migrate plan`"""

import os
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.markup import escape

from migration_assets.cli.answering import Answer, answering
from migration_assets.cli.choosing import Chosen, choosing
from migration_assets.cli.estimates import data_of, say_estimates

if TYPE_CHECKING:
    from migration_assets.analyzer.estimate.model import Estimates
    from migration_assets.buckets.plan import Surveyed
    from migration_assets.control.plan import Step, Structure
    from migration_assets.planning.planned import Planned

#: partitions that are named; --json has all
NAMED = 12


@click.command()
@choosing
@click.option("--estimate", is_flag=True, help="Measure a sample, and say rows, size and seconds.")
@answering
def plan(chosen: Chosen, estimate: bool) -> Answer:
    """Says in words what `migrate run` would do, by the same steps.

    Key ranges and values that come from the source are asked for once and frozen beside the contract.
    Nothing else is written, and the target is only read; but for --estimate, which loads a sample into
    a temporary table and rolls it back, and a small object that shows what a bucket keeps and is taken
    away again.
    """
    from migration_assets.contracts.loader import load
    from migration_assets.control.bucket_plan import planned as bucket_planned
    from migration_assets.control.choice import contracts_named
    from migration_assets.control.meant import contracts_meant
    from migration_assets.control.plan import structure
    from migration_assets.control.project import contracts_folder
    from migration_assets.tables.plan import plan_partitions

    there = load(contracts_folder(os.environ))
    names = contracts_meant(there, chosen.contracts, os.environ)
    aside = Console(stderr=True, highlight=False)
    planned: list[Planned | None] = []
    surveys: dict[str, Surveyed] = {}
    for contract in contracts_named(there, names).values():
        if contract.bucket is None:
            planned.append(plan_partitions(contract, os.environ))
            continue
        done, surveys[contract.name] = bucket_planned(
            contract, contract.bucket, os.environ, partial(_listed, aside, contract.name)
        )
        planned.append(done)
    steps = chosen.steps(there, aside)
    walked = [(step, structure(step.contract, os.environ, surveys.get(step.contract.name))) for step in steps]
    made = [each for each in planned if each and each.made]
    differs = any(table.state == "differs" for _, table in walked)
    estimates = _estimates(tuple(step for step, _ in walked)) if estimate else None
    return Answer(
        _data(made, walked, surveys, estimates),
        lambda out: _say(out, made, walked, surveys, estimates),
        exit_code=1 if differs else 0,
    )


def _listed(aside: Console, contract: str, objects: int) -> None:
    aside.print(f"{contract}: {objects:,} objects so far", markup=False)


def _estimates(steps: Sequence["Step"]) -> "Estimates":
    from migration_assets.analyzer.estimate.estimate import estimate
    from migration_assets.staging.root import staging_of

    # a bucket's plan says what it holds; there are no rows to take a sample of
    steps = [step for step in steps if step.contract.bucket is None]
    shares = {step.contract.name: len(step.partitions) for step in steps}
    found = estimate([step.contract for step in steps], os.environ, staging_of(os.environ))
    return found.of_partitions(shares)


def _data(
    made: Sequence["Planned"],
    walked: Sequence[tuple["Step", "Structure"]],
    surveys: Mapping[str, "Surveyed"],
    estimates: "Estimates | None" = None,
) -> dict[str, object]:
    from migration_assets.control.plan import in_words

    return {
        **({"estimates": data_of(estimates)} if estimates else {}),
        "planned": made,
        "steps": [
            {
                "contract": step.contract.name,
                "partitions": step.partitions,
                "of": len(step.all_partitions),
                "stages": in_words(step, surveys.get(step.contract.name)),
                "structure": table,
                **({"inventory": surveys[step.contract.name]} if step.contract.name in surveys else {}),
            }
            for step, table in walked
        ],
    }


def _say(
    out: Console,
    made: Sequence["Planned"],
    walked: Sequence[tuple["Step", "Structure"]],
    surveys: Mapping[str, "Surveyed"],
    estimates: "Estimates | None" = None,
) -> None:
    from migration_assets.control.plan import in_words

    for each in made:
        out.print(f"Planned {each.contract} from its source; frozen beside the contract.", markup=False)
    for number, (step, table) in enumerate(walked, start=1):
        out.print(f"\n[bold]{number}. {escape(step.contract.name)}[/bold]  {escape(_named(step.partitions))}")
        colour = {"differs": "red", "loses": "yellow", "not asked": "yellow"}.get(table.state, "default")
        for sentence in table.sentences:
            out.print(f"   [{colour}]structure    {escape(sentence)}[/{colour}]")
        for stage, sentence in in_words(step, surveys.get(step.contract.name)).items():
            out.print(f"   {stage:<13}{sentence}", markup=False)
    if not walked:
        out.print("Nothing to do.")
    if estimates and walked:
        out.print()
        say_estimates(out, estimates)


def _named(partitions: Sequence[str]) -> str:
    more = len(partitions) > NAMED
    named = ", ".join(partitions[: NAMED - 1] if more else partitions)
    return f"{named} … {partitions[-1]} ({len(partitions)})" if more else named
