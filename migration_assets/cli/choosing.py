"""The arguments that choose contracts and partitions, the same for every command."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

if TYPE_CHECKING:
    from migration_assets.contracts.model import Contract
    from migration_assets.control.choice import Between, Only
    from migration_assets.control.plan import Step

#: looks at sources between two lines that say so
BETWEEN_LINES = 50


@dataclass(frozen=True)
class Chosen:
    """What was said; without a word, whatever is not loaded or has changed since."""

    contracts: tuple[str, ...]
    partitions: tuple[str, ...]
    only: "Only"
    between: "Between"

    def steps(self, contracts: "Mapping[str, Contract]", console: Console) -> "tuple[Step, ...]":
        """Asks the instance, and the sources, as far as what was said makes it necessary."""
        from migration_assets.control.status import chosen_steps

        return chosen_steps(
            contracts,
            self.contracts,
            wanted=self.partitions,
            only=self.only,
            between=self.between,
            environment=os.environ,
            on_look=looking(console),
        )


def choosing(command: Callable[..., Any]) -> Callable[..., Any]:
    """Gives the command `chosen`, a Chosen."""

    def chosen(
        contracts: tuple[str, ...],
        partitions: str | None,
        first: str | None,
        last: str | None,
        missing: bool,
        failed: bool,
        stale: bool,
        everything: bool,
        **others: Any,
    ) -> Any:
        said = {"missing": missing, "failed": failed, "stale": stale, "all": everything}
        one = _one(partitions, first, last, said)
        return command(chosen=Chosen(contracts, keys(partitions), one, (first, last)), **others)

    chosen.__doc__, chosen.__name__ = command.__doc__, command.__name__
    chosen.__click_params__ = getattr(command, "__click_params__", [])  # type: ignore[attr-defined]
    for decorate in (
        click.option("--all", "everything", is_flag=True, help="All of them, whatever is loaded."),
        click.option("--stale", is_flag=True, help="Only those whose source or contract has changed since."),
        click.option("--failed", is_flag=True, help="Only partitions whose last attempt failed."),
        click.option("--missing", is_flag=True, help="Only partitions that were never loaded."),
        click.option("--to", "last", metavar="KEY", help="Only up to this partition, in the plan's order."),
        click.option("--from", "first", metavar="KEY", help="Only from this partition on."),
        click.option("--partitions", metavar="A,B,…", help="Only these of the one contract named."),
        click.argument("contracts", nargs=-1, metavar="[CONTRACT|WAVE]…"),
    ):
        decorate(chosen)
    return chosen


def _one(partitions: str | None, first: str | None, last: str | None, said: Mapping[str, bool]) -> "Only":
    """
    said                                 what is chosen
    nothing                              whatever is not loaded or has changed
    --partitions, or a range alone       all of these
    one of --missing … --all             those, of the range where one is said
    """
    words = [word for word, is_said in said.items() if is_said]
    between = first is not None or last is not None
    if len(words) + bool(partitions) > 1 or (partitions and between):
        raise click.UsageError(
            "--partitions, --missing, --failed, --stale and --all exclude one another,"
            " and --partitions excludes --from and --to."
        )
    if words:
        return words[0]  # type: ignore[return-value]
    return "all" if partitions or between else "changed"


def looking(console: Console) -> Callable[[str, int, int], None]:
    """Says now and then that sources are being asked: to read them by fingerprint takes time."""

    def say(contract: str, number: int, of: int) -> None:
        if number == 1 or number % BETWEEN_LINES == 0:
            console.print(f"Looking whether the source of {contract} has changed: {number} of {of}.")

    return say


def keys(partitions: str | None) -> tuple[str, ...]:
    return tuple(key for key in (partitions or "").split(",") if key)
