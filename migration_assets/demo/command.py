"""`migrate demo`: a shop in an old database, moved into a new one, verified, and told as a table."""

import json
import os
import shutil
import time
from collections.abc import Mapping
from pathlib import Path

import dagster as dg
from rich.console import Console

from migration_assets.contracts import loader
from migration_assets.contracts.model import Contract
from migration_assets.control import project
from migration_assets.control.plan import Step, steps
from migration_assets.control.run import run
from migration_assets.control.status import states
from migration_assets.control.verdict import Verdict
from migration_assets.demo import environment, interruption, report, world
from migration_assets.demo.bar import bar
from migration_assets.demo.server import LocalServer, running
from migration_assets.demo.ui import ADDRESS, serve
from migration_assets.planning.frozen import plan_file
from migration_assets.staging.folder import Staging
from migration_assets.tables.engine import staging_folder
from migration_assets.tables.plan import plan_partitions


def main(scale: float, ui: bool, as_json: bool) -> int:
    """Exit code: 0 when every partition is verified, 1 when one is not."""
    root = project.enter()
    console = Console(stderr=as_json, highlight=False)
    with interruption.ends_in_order(), running(root / ".migration" / "postgres") as server:
        found = _world(console, server, scale, root)
        contracts = _shop()
        if found.new:
            _forget(contracts)
        for contract in contracts.values():
            plan_partitions(contract, os.environ)
        return _look(console, contracts, found, root) if ui else _move(console, contracts, root, as_json)


def _world(console: Console, server: LocalServer, scale: float, root: Path) -> world.World:
    """The two databases, and the variables that lead to them, here and in `.env`."""
    variables = {"LEGACY_URL": server.url(world.LEGACY), "CLOUD_URL": server.url(world.CLOUD)}
    environment.write(root / ".env", variables)
    os.environ.update(variables)
    started = time.monotonic()
    found = world.ensure(server, scale, root / ".migration" / "tpch")
    took = f"made in {time.monotonic() - started:.1f} s" if found.new else "is there"
    console.print(f"The shop of scale {scale:g} {took}: its old database is `legacy`, its new one `cloud`.")
    return found


def _shop() -> dict[str, Contract]:
    """The demo's contracts; others in the same folder are left alone."""
    contracts = loader.load(project.contracts_folder(os.environ))
    return {name: contract for name, contract in contracts.items() if name in world.TABLES}


def _forget(contracts: Mapping[str, Contract]) -> None:
    """Plans and staged files of a world that is no more."""
    staging = Staging(staging_folder(os.environ))
    for contract in contracts.values():
        plan_file(contract).unlink(missing_ok=True)
        shutil.rmtree(staging.partition(contract.name, "any").folder.parent, ignore_errors=True)


def _move(console: Console, contracts: Mapping[str, Contract], root: Path, as_json: bool) -> int:
    """Everything once more, whether it was moved before or not."""
    with dg.DagsterInstance.get() as instance:
        verdict = _run(console, instance, steps(contracts), root)
    if as_json:
        print(json.dumps(report.document(verdict), indent=2))
    else:
        _tell(console, verdict)
    return 0 if verdict.verified else 1


def _look(console: Console, contracts: Mapping[str, Contract], found: world.World, root: Path) -> int:
    """What was not moved yet, then the UI until it is interrupted."""
    with dg.DagsterInstance.get() as instance:
        missing = steps(contracts, only="all" if found.new else "missing", states=states(instance, contracts))
        if missing:
            _tell(console, _run(console, instance, missing, root))
    console.print(f"\nThe Dagster UI: {ADDRESS} in a few seconds. Ctrl-C ends it, and the databases.")
    return serve(root)


def _run(console: Console, instance: dg.DagsterInstance, wanted: tuple[Step, ...], root: Path) -> Verdict:
    partitions = sum(len(step.partitions) for step in wanted)
    console.print(f"Moving {partitions} partitions of {len(wanted)} contracts.")
    with interruption.noted() as stopping, bar(console) as told:
        return run(instance, wanted, root / ".migration", on_progress=told, stopping=stopping)


def _tell(console: Console, verdict: Verdict) -> None:
    console.print()
    console.print(report.table(verdict))
    for contract in verdict.contracts:
        for failure in contract.failures:
            console.print(f"\n{contract.contract} {failure.partition} ({failure.stage}): {failure.reason}")
    rows = sum(contract.rows for contract in verdict.contracts)
    word = "All verified" if verdict.verified else "NOT verified"
    console.print(f"\n{word}: {rows:,} rows in {verdict.seconds:.1f} s.")
