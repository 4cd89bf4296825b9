"""The arguments that choose contracts and partitions, the same for every command."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from migration_assets.control.choice import Only


def choosing(command: Callable[..., Any]) -> Callable[..., Any]:
    for decorate in (
        click.option("--failed", is_flag=True, help="Only partitions whose last attempt failed."),
        click.option("--missing", is_flag=True, help="Only partitions that were never loaded."),
        click.option("--partitions", metavar="A,B,…", help="Only these of the one contract named."),
        click.argument("contracts", nargs=-1, metavar="[CONTRACT]…"),
    ):
        command = decorate(command)
    return command


def only(missing: bool, failed: bool, partitions: str | None) -> "Only":
    if missing + failed + bool(partitions) > 1:
        raise click.UsageError("--partitions, --missing and --failed exclude one another.")
    return "missing" if missing else "failed" if failed else "all"


def keys(partitions: str | None) -> tuple[str, ...]:
    return tuple(key for key in (partitions or "").split(",") if key)
