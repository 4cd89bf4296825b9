"""`migrate demo`: a shop in an old database, moved into a new one, verified, and told as a table."""

import json
import os
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from types import FrameType

import dagster as dg
from rich.console import Console

from migration_assets.contracts import loader
from migration_assets.contracts.model import Contract
from migration_assets.control import bucket_plan, project
from migration_assets.control.bar import bar
from migration_assets.control.interruption import asked_to_stop
from migration_assets.control.kinds import buckets, tables
from migration_assets.control.plan import Step
from migration_assets.control.run import run
from migration_assets.control.status import chosen_steps
from migration_assets.control.verdict import Verdict
from migration_assets.demo import environment, report, stores, world
from migration_assets.demo.server import LocalServer, running
from migration_assets.demo.ui import ADDRESS, serve
from migration_assets.errors import MigrationError
from migration_assets.planning.frozen import plan_file
from migration_assets.staging.root import staging_of
from migration_assets.stores.trying import in_words
from migration_assets.tables.plan import plan_partitions

INTERRUPTED = 130


def main(scale: float, ui: bool, as_json: bool) -> int:
    """0 when every partition is verified, 1 when one is not, 130 after Ctrl-C, else the error's code."""
    root = project.enter()
    console = Console(stderr=as_json, highlight=False, soft_wrap=True)
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        return _demonstrate(console, root, scale, ui, as_json)
    except KeyboardInterrupt:
        console.print("Interrupted.")
        return INTERRUPTED
    except Exception as error:
        code = error.exit_code if isinstance(error, MigrationError) else 1
        if as_json:
            print(json.dumps({"error": in_words(error), "exit_code": code}, indent=2))
        Console(stderr=True, highlight=False, soft_wrap=True).print(in_words(error), markup=False)
        return code
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """Whoever asks the process to end also wants its server to be stopped."""
    raise KeyboardInterrupt


def _demonstrate(console: Console, root: Path, scale: float, ui: bool, as_json: bool) -> int:
    there = _shop()
    with running(root / ".migration" / "postgres") as server:
        _announce({"LEGACY_URL": server.url(world.LEGACY), "CLOUD_URL": server.url(world.CLOUD)}, root)
        new = _made(console, server, scale, root, there)
        with stores.running(root) as files:
            _announce(files, root)
            contracts = _that_can_move(console, there, files)
            _plan(contracts)
            if ui:
                return _look(console, contracts, new, root)
            verdict = _move(console, chosen_steps(contracts, (), wanted=(), only="all"))
            if as_json:
                print(json.dumps(report.document(verdict), indent=2))
            else:
                _tell(console, verdict)
            return 0 if verdict.verified else 1


def _announce(variables: Mapping[str, str], root: Path) -> None:
    """Where databases, or object stores, are, to this process and, in `.env`, to all others."""
    environment.write(root / ".env", variables)
    os.environ.update(variables)


def _made(
    console: Console, server: LocalServer, scale: float, root: Path, contracts: Mapping[str, Contract]
) -> bool:
    """Makes the world of that scale where it is missing; whether it was."""
    if world.is_there(server, scale):
        console.print(f"The shop of scale {scale:g} is there.")
        return False
    started = time.monotonic()
    _forget(contracts)
    world.make(server, scale, root / ".migration" / "tpch")
    console.print(f"Made a shop of scale {scale:g} in {time.monotonic() - started:.1f} s.")
    return True


def _shop() -> dict[str, Contract]:
    """The demo's contracts; others in the same folder are left alone."""
    contracts = loader.load(project.contracts_folder(os.environ))
    ours = (*world.TABLES, stores.FILES, stores.RELEASES)
    return {name: contract for name, contract in contracts.items() if name in ours}


def _that_can_move(
    console: Console, contracts: Mapping[str, Contract], files: dict[str, str]
) -> dict[str, Contract]:
    """Without the buckets whose stores could not start; their objects are new whenever they do."""
    can = stores.of_them(files)
    left = [name for name, each in contracts.items() if each.bucket is not None and name not in can]
    if left:
        console.print(f"Left out, as their stores are not installed (`make setup`): {', '.join(left)}.")
    found = {name: each for name, each in contracts.items() if name not in left}
    _forget(buckets(found))
    return found


def _plan(contracts: Mapping[str, Contract]) -> None:
    for contract in contracts.values():
        if contract.bucket is None:
            plan_partitions(contract, os.environ)
        else:
            bucket_plan.planned(contract, contract.bucket, os.environ)


def _forget(contracts: Mapping[str, Contract]) -> None:
    """Plans and staged files of the world before; first, so that none outlives it."""
    staging = staging_of(os.environ)
    for contract in contracts.values():
        plan_file(contract).unlink(missing_ok=True)
        staging.root.forget(contract.name)


def _look(console: Console, contracts: Mapping[str, Contract], new: bool, root: Path) -> int:
    """Moves what was not moved yet, then opens the UI until it is interrupted."""
    of_tables = chosen_steps(tables(contracts), (), wanted=(), only="all" if new else "missing")
    missing = (*of_tables, *chosen_steps(buckets(contracts), (), wanted=(), only="all"))
    if missing:
        _tell(console, _move(console, missing))
    console.print(
        f"\nThe Dagster UI: {ADDRESS} in a few seconds. Ctrl-C ends it, and databases and stores with it."
    )
    return serve(root)


def _move(console: Console, steps: tuple[Step, ...]) -> Verdict:
    partitions = sum(len(step.partitions) for step in steps)
    console.print(f"Moving {partitions} partitions of {len(steps)} contracts.")
    with dg.DagsterInstance.get() as instance, bar(console) as show, asked_to_stop() as stopping:
        return run(instance, steps, project.own_folder(os.environ), on_progress=show, stopping=stopping)


def _tell(console: Console, verdict: Verdict) -> None:
    console.print()
    console.print(report.table(verdict))
    for contract in verdict.contracts:
        for failure in contract.failures:
            console.print(
                f"\n{contract.contract} {failure.partition} ({failure.stage}): {failure.reason}", markup=False
            )
    of_buckets = {stores.FILES, stores.RELEASES}
    objects = sum(contract.rows for contract in verdict.contracts if contract.contract in of_buckets)
    rows = sum(contract.rows for contract in verdict.contracts) - objects
    word = "All verified" if verdict.verified else "NOT verified"
    more = f" and {objects:,} objects" if objects else ""
    console.print(f"\n{word}: {rows:,} rows{more} in {verdict.seconds:.1f} s.")
