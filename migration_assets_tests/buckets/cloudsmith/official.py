"""The official command line, where it is installed: in an environment of its own, as it draws much along."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from migration_assets_tests.buckets.cloudsmith.standin import StandIn

#: where `make bench-peers` puts it
_PEERS = Path(__file__).parents[3] / ".bench" / "peers" / "bin" / "cloudsmith"


def program() -> str:
    """Skips the test, with the reason, where there is none."""
    said = os.environ.get("TEST_CLOUDSMITH_CLI")
    found = said or shutil.which("cloudsmith") or (str(_PEERS) if _PEERS.exists() else "")
    if not found:
        pytest.skip(
            "no official command line of Cloudsmith: neither TEST_CLOUDSMITH_CLI nor the PATH nor .bench/peers "
            "has `cloudsmith` (pip install cloudsmith-cli into an environment of its own)"
        )
    return found


def run(standin: StandIn, home: Path, *said: str) -> str:
    """What it prints; it must end well."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "CLOUDSMITH_API_KEY": standin.api_key,
        "CLOUDSMITH_API_HOST": standin.endpoint,
        "CLOUDSMITH_NO_TELEMETRY": "1",
        "CLOUDSMITH_NO_UPDATE_CHECK": "1",
        "CLOUDSMITH_NO_KEYRING": "1",
    }
    done = subprocess.run(
        [program(), *said],
        env=environment,
        cwd=home,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
