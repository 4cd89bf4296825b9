"""One S3 server, two proxies before it, a contract that leads from the one to the other, and the workers."""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from faults.buckets.proxy import Proxy, proxied
from faults.job import STAGES, Job
from faults.nursery import Nursery, Worker, nursery

SOURCE, TARGET, CONTRACT = "faulty-source", "faulty-target", "attic"
#: seconds in which a server has to answer
PATIENCE = 30.0
KEYS = {
    "AWS_ACCESS_KEY_ID": "faults",
    "AWS_SECRET_ACCESS_KEY": "secret-of-the-suite",
    "AWS_REGION": "us-east-1",
}


@dataclass(frozen=True)
class World:
    folder: Path
    upstream: str
    source: Proxy
    target: Proxy
    nursery: Nursery

    @property
    def client(self) -> Any:
        """boto3's own, to the server itself."""
        import boto3
        from botocore.config import Config

        return boto3.client(
            "s3",
            endpoint_url=self.upstream,
            region_name="us-east-1",
            aws_access_key_id="suite",
            aws_secret_access_key="suite",
            config=Config(s3={"addressing_style": "path"}, request_checksum_calculation="when_required"),
        )

    def environment(self) -> Mapping[str, str]:
        return {
            **KEYS,
            "OLD_URL": f"s3://{SOURCE}",
            "OLD_ENDPOINT_URL": self.source.endpoint,
            "NEW_URL": f"s3://{TARGET}",
            "NEW_ENDPOINT_URL": self.target.endpoint,
            "MIGRATION_STAGING": str(self.folder / "staging"),
            "MIGRATION_CONTRACTS": str(contracts()),
            "DAGSTER_HOME": str(self.folder),
            "TMPDIR": str(self.folder),
        }

    def forget(self) -> None:
        """Nothing is staged, and nothing on record."""
        shutil.rmtree(self.folder / "staging", ignore_errors=True)

    def start(self, partitions: Sequence[str]) -> Worker:
        run = f"faults-{secrets.token_hex(6)}"
        return self.nursery.start(
            Job(
                run_id=run,
                contract=CONTRACT,
                partitions=partitions,
                folder=str(contracts()),
                environment=self.environment(),
                log=str(self.folder / f"{run}.log"),
                told=str(self.folder / f"{run}.told"),
                stages=STAGES,
                hurry=0.02,
            )
        )


def contracts() -> Path:
    return Path(__file__).parent / "contracts"


@contextmanager
def opened(folder: Path) -> Generator[World]:
    with (
        nursery(folder / "nursery.log") as born,
        _served(folder) as upstream,
        proxied(upstream) as one,
        proxied(upstream) as two,
    ):
        yield World(folder, upstream, one, two, born)


@contextmanager
def _served(folder: Path) -> Generator[str]:
    """moto's server, a process of its own; what lies in it lies in memory."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with (folder / "moto.log").open("wb") as out:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env={**os.environ, **KEYS}
        )
        try:
            until = time.monotonic() + PATIENCE
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    break
                except OSError:
                    if time.monotonic() > until or process.poll() is not None:
                        raise
                    time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()
            process.wait()
