"""`migrate limits`"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from migration_assets.cli.answering import Answer, answering
from migration_assets.contracts.limits import NAMES, Limits, bytes_of

if TYPE_CHECKING:
    from migration_assets.contracts.model import Contract
    from migration_assets.control import bucket_limits
    from migration_assets.control.limits import Standing

OFF = "off"
#: what an object store can be held to
RATES = ("requests_per_second", "bytes_per_second")


class Number(click.ParamType[Any]):
    """A whole number from 1 on, or `off`, which is 0."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if value == OFF:
            return 0
        try:
            number = self.read(str(value))
        except ValueError:
            number = 0
        if not 0 < number <= 10**12:
            self.fail(f"{value!r} is no {self.name} from 1 on, and not `{OFF}`.", param, ctx)
        return number

    def read(self, text: str) -> int:
        return int(text)


class Size(Number):
    """Likewise, of bytes: `20MB`."""

    name = "number of bytes (such as 20MB)"

    def read(self, text: str) -> int:
        return bytes_of(text)


@click.command()
@click.argument("server", required=False)
@click.option("--rows-per-second", type=Number(), metavar="N", help="Rows that pass in a second.")
@click.option("--bytes-per-second", type=Size(), metavar="SIZE", help="Bytes that pass: 20MB, 500kB.")
@click.option("--requests-per-second", type=Number(), metavar="N", help="Requests to an object store.")
@click.option("--connections", type=Number(), metavar="N", help="Connections at once.")
@click.option("--batch-rows", type=Number(), metavar="N", help="Rows that are taken at once.")
@click.option("--busy-above", type=Number(), metavar="N", help="Wait while others have it busier.")
@click.option("--off", is_flag=True, help="No limit at all, whatever the contracts say.")
@click.option("--reset", is_flag=True, help="What the contracts say, and nothing else.")
@answering
def limits(server: str | None, off: bool, reset: bool, **numbers: int | None) -> Answer:
    """How fast servers are read and filled, by all runs together; lists what holds, or changes it.

    A change takes effect within seconds, in runs that are running, too. `off` as a value lifts one limit.
    """
    from migration_assets.contracts.loader import load
    from migration_assets.control import bucket_limits
    from migration_assets.control.kinds import buckets, tables
    from migration_assets.control.limits import standing
    from migration_assets.control.project import contracts_folder

    ways = [off, reset, any(number is not None for number in numbers.values())]
    if sum(ways) > 1:
        raise click.UsageError("Say limits, or --off, or --reset.")
    if any(ways) and server is None:
        raise click.UsageError("Say the server whose limits these are.")
    contracts = load(contracts_folder(os.environ))
    of_tables, of_buckets = tables(contracts).values(), buckets(contracts).values()
    is_bucket = server in bucket_limits.servers(of_buckets)
    if any(ways) and server is not None:
        _change(contracts, server, numbers, is_bucket, off=off, reset=reset)
    found = () if is_bucket else standing(of_tables, os.environ, server)
    stores = bucket_limits.standing(of_buckets, os.environ, server)
    data = [*(_data(one) for one in found), *(_of_store(one) for one in stores)]
    return Answer({"limits": data}, lambda out: _say(out, found, stores))


def _change(
    contracts: "Mapping[str, Contract]",
    server: str,
    numbers: Mapping[str, int | None],
    is_bucket: bool,
    *,
    off: bool,
    reset: bool,
) -> None:
    from migration_assets.buckets.limit import Rates
    from migration_assets.control import bucket_limits, limits
    from migration_assets.control.kinds import buckets, tables

    names = RATES if is_bucket else NAMES
    if strange := [name for name, number in numbers.items() if number is not None and name not in names]:
        options = ", ".join(f"--{name.replace('_', '-')}" for name in strange)
        kind = "an object store" if is_bucket else "a database"
        raise click.UsageError(f"{server} is {kind}, which {options} does not limit.")
    wanted = dict.fromkeys(names, 0) if off else {name: numbers.get(name) for name in names}
    if is_bucket:
        rates = None if reset else Rates(**wanted)
        bucket_limits.change(buckets(contracts).values(), os.environ, server, rates)
    else:
        limits.change(tables(contracts).values(), os.environ, server, None if reset else Limits(**wanted))


def _data(one: "Standing") -> dict[str, object]:
    return {
        "server": one.server,
        "target": one.target,
        **asdict(one.limits),
        "said": {name: number for name, number in asdict(one.said).items() if number is not None},
        "connections_in_use": one.connections_in_use,
    }


def _of_store(one: "bucket_limits.Standing") -> dict[str, object]:
    said = {name: number for name, number in asdict(one.said).items() if number is not None}
    return {"server": one.server, **asdict(one.limits), "said": said}


def _say(out: Console, found: Sequence["Standing"], stores: "Sequence[bucket_limits.Standing]") -> None:
    if found:
        _say_databases(out, found)
    if stores:
        _say_stores(out, stores)


def _say_stores(out: Console, stores: "Sequence[bucket_limits.Standing]") -> None:
    table = Table("object store", box=None, header_style="bold")
    for name in ("requests/s", "bytes/s"):
        table.add_column(name, justify="right")
    table.add_column("said by")
    for one in stores:
        numbers = (one.limits.requests_per_second, one.limits.bytes_per_second)
        said = "migrate limits" if one.said.limits or 0 in asdict(one.said).values() else ""
        shown = (f"{number:,}" if number else "" for number in numbers)
        table.add_row(escape(one.server), *shown, said or ("contract" if any(numbers) else ""))
    out.print(table)


def _say_databases(out: Console, found: Sequence["Standing"]) -> None:
    table = Table("server", box=None, header_style="bold")
    for name in ("rows/s", "bytes/s", "connections", "batch rows", "busy above"):
        table.add_column(name, justify="right")
    table.add_column("said by")
    table.add_column("for runs into")
    for one in found:
        table.add_row(escape(one.server), *_numbers(one), _said_by(one), escape(one.target))
    out.print(table)


def _numbers(one: "Standing") -> tuple[str, ...]:
    shown = {name: "" if number is None else f"{number:,}" for name, number in asdict(one.limits).items()}
    if one.limits.connections:
        shown["connections"] = f"{one.connections_in_use} of {shown['connections']}"
    return tuple(shown.values())


def _said_by(one: "Standing") -> str:
    if one.said != Limits():
        return "migrate limits"
    return "contract" if one.limits != Limits() else ""
