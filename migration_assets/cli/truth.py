"""The parts of `migrate status` that ask the ledgers and the sources."""

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from migration_assets.cli.choosing import looking

if TYPE_CHECKING:
    import dagster as dg

    from migration_assets.contracts.model import Contract
    from migration_assets.defs.rebuilt import Rebuilt
    from migration_assets.ledger.decisions import Decision
    from migration_assets.tables.freshness import Freshness

#: partitions that are named; --json has all
NAMED = 20


def rebuilt_from_ledger(
    instance: "dg.DagsterInstance", contracts: "Sequence[Contract]", every: "Mapping[str, Contract]"
) -> "list[Rebuilt]":
    from migration_assets.defs.rebuilt import rebuild

    return list(rebuild(instance, contracts, every, os.environ))


def decisions_told_again(
    instance: "dg.DagsterInstance", every: "Mapping[str, Contract]"
) -> "Sequence[Decision]":
    """What people said of waves, as the ledgers have it and the instance had not."""
    from migration_assets.control.wave_consent import told_again

    return told_again(instance, every.values(), os.environ)


def changed_sources(
    instance: "dg.DagsterInstance", contracts: "Mapping[str, Contract]"
) -> "tuple[dict[str, list[Freshness]], list[str]]":
    """The partitions that are not fresh, by contract, and why others could not be asked.

    What is stale is also noted in the instance, for the UI."""
    from migration_assets.control.noted import note
    from migration_assets.control.plan import keys_of
    from migration_assets.control.stale import freshness
    from migration_assets.errors import MigrationError

    console = Console(stderr=True, highlight=False)
    changed: dict[str, list[Freshness]] = {}
    remarks: list[str] = []
    for name, contract in contracts.items():
        one = {name: contract}
        try:
            found = freshness(one, keys_of(one), os.environ, looking(console))[name]
        except MigrationError as error:
            remarks.append(str(error))
            continue
        changed[name] = [each for each in found.values() if each.state != "fresh"]
        note(instance, contract, changed[name])
    return changed, list(dict.fromkeys(remarks))


def say_rebuilt(out: Console, rebuilt: "Sequence[Rebuilt]") -> None:
    for each in rebuilt:
        if each.remark:
            out.print(each.remark, markup=False)
            continue
        gone = each.reported - each.staged
        out.print(
            f"{each.contract}: {each.reported} partitions told again from the ledger"
            f"{f' ({gone} of them without their staged rows, which are gone)' if gone else ''}, "
            f"{each.known} were known.",
            markup=False,
        )
        for partitions, why in (
            (each.newer, "left as they are: a newer attempt runs or has failed"),
            (each.unvouched, "Dagster has them as loaded, and the ledger does not: `migrate run` moves them"),
            (each.strange, "the ledger has them, and the contract has no such partitions any more"),
        ):
            if partitions:
                out.print(f"  {named(partitions)}: {why}.", markup=False)
    if rebuilt:
        out.print()


def say_decisions(out: Console, decisions: "Sequence[Decision]") -> None:
    for each in decisions:
        when = each.at.isoformat(timespec="seconds")
        out.print(f"The wave {each.wave} was {each.word} by {each.by} at {when}: told again.", markup=False)
    if decisions:
        out.print()


def say_changed(out: Console, changed: "Mapping[str, Sequence[Freshness]]", remarks: Sequence[str]) -> None:
    out.print()
    for remark in remarks:
        out.print(f"[yellow]{escape(remark)}[/yellow]")
    some = [(name, each) for name, found in changed.items() for each in found]
    for name, each in some[:NAMED]:
        colour = "yellow" if each.state == "stale" else "cyan"
        place = f"{name} {each.partition} ({each.state}):"
        out.print(f"[{colour}]{escape(place)}[/{colour}] {escape(each.reason)}")
    if len(some) > NAMED:
        out.print(f"and {len(some) - NAMED} more; `--json` names all of them.")
    if some:
        out.print("`migrate run --stale` moves them again.")
    elif not remarks:
        out.print("No source has changed since its partitions were loaded.")


def named(partitions: Sequence[str]) -> str:
    shown = ", ".join(partitions[:NAMED])
    return f"{shown} and {len(partitions) - NAMED} more" if len(partitions) > NAMED else shown
