"""Runs of a bucket in processes of their own, which are killed at any moment."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Mapping
from multiprocessing.process import BaseProcess

#: imported once, so that a run begins at once
_NEEDED = [
    "migration_assets.buckets.engine",
    "migration_assets.buckets.opening",
    "botocore.session",
]
_context = multiprocessing.get_context("forkserver")


def ready() -> None:
    _context.set_forkserver_preload(_NEEDED)


def begun(environment: Mapping[str, str], run: str) -> BaseProcess:
    process = _context.Process(target=_run, args=(dict(environment), run), daemon=True)
    process.start()
    return process


def ended(process: BaseProcess) -> int | None:
    process.join(300)
    return process.exitcode


def killed(process: BaseProcess, due: Callable[[], bool]) -> bool:
    """Whether it was still at work when it was due."""
    while process.exitcode is None and not due():
        process.join(0.002)
    if process.exitcode is not None:
        return False
    assert process.pid
    os.kill(process.pid, signal.SIGKILL)
    process.join(30)
    return True


def _run(environment: dict[str, str], run: str) -> None:
    """0 when the partition is there, 1 when a stage says why not."""
    from migration_assets.buckets.engine import BucketMigration
    from migration_assets.stages.report import STAGES
    from migration_assets_tests.buckets.world import contract

    made = BucketMigration(contract(), {}, environment)
    failures = [result.failure for result in made.move(["all"], STAGES, run) if result.failure]
    print(*failures, flush=True)
    os._exit(1 if failures else 0)
