"""`migrate` as a test gives it: in this process, or in one of its own."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from click.testing import CliRunner

from migration_assets.cli.main import main

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Called:
    returncode: int
    stdout: str
    stderr: str


def migrate(environment: Mapping[str, str], *words: str) -> Called:
    """With this environment alone, in this process: one of its own takes seconds to import everything."""
    with mock.patch.dict(os.environ, environment, clear=True), contextlib.chdir(ROOT):
        done = CliRunner().invoke(main, words)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Called(done.exit_code, done.stdout, done.stderr)


def migrate_alone(environment: Mapping[str, str], *words: str) -> Called:
    """In a process of its own, as a user gives it."""
    code = "from migration_assets.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, *words], env=environment, cwd=ROOT, capture_output=True, text=True
    )
    return Called(done.returncode, done.stdout, done.stderr)
