"""The demo's shop, moved by a deployment of separate processes: PostgreSQL storage, S3 staging, run workers.

    python -m migration_assets_tests.deploy.distributed --scale 0.05 --runs 8

`make distributed` runs it. It is verified by `migrate`, and again by comparing both databases here. Prints
what it took; exit 1 where anything is not as it should be.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import Any

from psycopg2 import sql

from migration_assets.contracts.loader import load
from migration_assets.contracts.model import Contract, TableName
from migration_assets.demo import world
from migration_assets.demo.server import LocalServer, connected, running
from migration_assets.stores import s3
from migration_assets_tests.deploy.processes import (
    PROGRAMS,
    ROOT,
    Deployment,
    configured,
    contracts_copied,
    deployed,
    peak_of,
    s3_process,
    seconds_of,
)
from migration_assets_tests.s3 import KEYS

STAGING, LOGS, DAGSTER = "staging", "logs", "dagster"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=0.05)
    parser.add_argument("--runs", type=int, default=8, help="run workers at once")
    parser.add_argument("--lanes", type=int, default=1, help="lanes of a run")
    asked = parser.parse_args(arguments)
    os.chdir(ROOT)
    signal.signal(signal.SIGTERM, _end)  # or the servers would stay
    folder = Path(tempfile.mkdtemp(prefix="distributed-"))
    folder.chmod(0o711)  # the server's own user passes through
    try:
        faults = _moved(folder, asked.scale, asked.runs, asked.lanes)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for fault in faults:
        print(f"NOT AS IT SHOULD BE: {fault}")
    print("distributed: everything verified" if not faults else f"distributed: {len(faults)} faults")
    return 1 if faults else 0


def _end(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _moved(folder: Path, scale: float, runs: int, lanes: int) -> list[str]:
    with ExitStack() as stack:
        server = stack.enter_context(running(folder / "postgres"))
        world.make(server, scale, folder / "tpch")
        server.create(DAGSTER)
        endpoint, storing = stack.enter_context(s3_process(folder / "s3"))
        variables = _variables(server, endpoint, folder, runs, lanes)
        client = s3.client("s3", variables, "MIGRATION_STAGING")
        for bucket in (STAGING, LOGS):
            client.create_bucket(Bucket=bucket)
        configured(folder / "home", runs)
        environment = os.environ | variables | {"DAGSTER_HOME": str(folder / "home")}
        subprocess.run(
            [str(PROGRAMS / "migrate"), "plan", "--json"],
            env=environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        deployment = stack.enter_context(deployed(folder / "home", variables))
        processes = {
            "daemon with its runs": deployment.servers["daemon"],
            "webserver": deployment.servers["webserver"],
            "S3": storing,
            "PostgreSQL": int((folder / "postgres" / "postmaster.pid").read_text().split()[0]),
        }
        before = {name: seconds_of(process) for name, process in processes.items()}
        started = time.monotonic()
        code, verdict = deployment.migrate("run")
        wall = time.monotonic() - started
        print(
            f"scale {scale:g}, {runs} run workers, {lanes} lanes each: {_rows(verdict):,} rows in {wall:.1f} s; CPU s: "
            + ", ".join(
                f"{name} {seconds_of(process) - before[name]:.1f}" for name, process in processes.items()
            )
            + f"; S3 took up to {peak_of(processes['S3'])} MB"
        )
        if code or not verdict.get("verified"):
            print(deployment.log("daemon")[-20_000:])
            return [f"migrate run: exit {code}, {verdict}"]
        faults = _compared(server, load(Path(variables["MIGRATION_CONTRACTS"])).values())
        faults += _seen(deployment, server, client, runs)
        code, again = deployment.migrate("run")
        if code or again["contracts"]:
            faults.append(f"a second `migrate run` did something, exit {code}: {again}")
        return faults


def _rows(verdict: Any) -> int:
    return sum(contract["rows"] for contract in verdict.get("contracts", ()))


def _variables(server: LocalServer, endpoint: str, folder: Path, runs: int, lanes: int) -> dict[str, str]:
    return {
        **KEYS,
        "LEGACY_URL": server.url(world.LEGACY),
        "CLOUD_URL": server.url(world.CLOUD),
        "DAGSTER_POSTGRES_URL": server.url(DAGSTER).replace("postgresql://", "postgresql+psycopg2://", 1),
        "MIGRATION_CONTRACTS": str(contracts_copied(folder / "contracts")),
        "MIGRATION_WAVES": str(folder / "waves"),
        "MIGRATION_STAGING": f"s3://{STAGING}/shop",
        "MIGRATION_STAGING_ENDPOINT_URL": endpoint,
        "MIGRATION_LOGS_BUCKET": LOGS,
        "MIGRATION_LOGS_ENDPOINT": endpoint,
        "MIGRATION_RUNS": str(runs),
        "MIGRATION_LANES": str(lanes),
    }


def _compared(server: LocalServer, contracts: Iterable[Contract]) -> list[str]:
    """Counts of both sides and of the ledger: a look that asks nothing of the project's checks."""
    faults: list[str] = []
    with connected(server.url(world.LEGACY)) as old, connected(server.url(world.CLOUD)) as new:
        for contract in contracts:
            count = sql.SQL("SELECT count(*) FROM {} WHERE {}")
            meant = sql.SQL(contract.where or "true")  # type: ignore[arg-type]
            old.execute(count.format(_table(contract.source_table), meant))
            new.execute(count.format(_table(contract.target_table), sql.SQL("true")))
            (read,), (there,) = old.fetchone() or (-1,), new.fetchone() or (-1,)
            new.execute(
                "SELECT coalesce(sum(extracted), -1), coalesce(sum(quarantined), -1), count(*), "
                "count(DISTINCT partition) FROM migration.load WHERE contract = %s",
                (contract.name,),
            )
            extracted, aside, loads, partitions = new.fetchone() or (-1, -1, -1, -1)
            if not read == extracted == there + aside or loads != partitions:
                faults.append(
                    f"{contract.name}: {read} rows in the source, {extracted} read, {there} in the target, "
                    f"{aside} in quarantine, {loads} loads of {partitions} partitions"
                )
    return faults


def _table(name: TableName) -> sql.Composable:
    return sql.Identifier(*(part for part in (name.schema, name.name) if part))


def _seen(deployment: Deployment, server: LocalServer, client: Any, runs: int) -> list[str]:
    """That it was what it claims to be: separate runs, beside each other, in PostgreSQL and S3."""
    answer: Any = deployment.asked(
        "{ runsOrError(limit: 500) { ... on Runs { results { runId status startTime endTime } } } }"
    )
    results = answer["runsOrError"]["results"]
    beside = max(
        sum(1 for each in results if each["startTime"] <= one["startTime"] < each["endTime"])
        for one in results
    )
    staged = client.list_objects_v2(Bucket=STAGING)["Contents"]
    logs = client.list_objects_v2(Bucket=LOGS).get("Contents", ())
    unfinished = client.list_multipart_uploads(Bucket=STAGING).get("Uploads", ())
    with connected(server.url(DAGSTER)) as cursor:
        cursor.execute("SELECT count(*) FROM asset_keys")
        (assets,) = cursor.fetchone() or (0,)
    print(
        f"{len(results)} runs, up to {beside} at once; {assets} assets known to PostgreSQL; "
        f"{len(staged)}{'+' if len(staged) == 1000 else ''} staged objects, {len(logs)} logs in S3"
    )
    faults = [
        f"run {each['runId']} ended {each['status']}" for each in results if each["status"] != "SUCCESS"
    ]
    if beside > runs:
        faults.append(f"{beside} runs at once, {runs} are allowed")
    if not logs or not staged or not assets:
        faults.append("something is not where it should be")
    if unfinished:
        faults.append(f"{len(unfinished)} uploads were left")
    if (deployment.home / ".migration" / "run.log").exists():
        faults.append("`migrate run` made the rounds beside the daemon")
    return faults


if __name__ == "__main__":
    sys.exit(main())
