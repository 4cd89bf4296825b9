"""One S3 server, two proxies before it, a repository of packages, contracts between them, and the workers."""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from faults.buckets.kinds import Way
from faults.buckets.proxy import Proxy, proxied
from faults.buckets.registry import KEY, RegistryTarget, repository
from faults.buckets.sides import BucketTarget, Source, Target
from faults.job import Job
from faults.nursery import Nursery, Worker, nursery
from migration_assets_tests.buckets.cloudsmith.standin import StandIn

SOURCE, TARGET = "faulty-source", "faulty-target"
VERSIONS, VERSIONS_TARGET = "faulty-versions", "faulty-versions-target"
CONTRACTS: Mapping[Way, str] = {
    "bucket": "attic",
    "within": "attic",
    "over": "attic_over",
    "versions": "attic_versions",
    "registry": "crates",
}
#: seconds in which a server has to answer
PATIENCE = 30.0
KEYS = {
    "AWS_ACCESS_KEY_ID": "faults",
    "AWS_SECRET_ACCESS_KEY": "secret-of-the-suite",
    "AWS_REGION": "us-east-1",
}
#: what no log, record or staged file may hold
SECRETS = ("secret-of-the-suite", "secret-of-the-server", KEY)


@dataclass(frozen=True)
class World:
    folder: Path
    upstream: str
    source: Proxy
    target: Proxy
    standin: StandIn
    nursery: Nursery

    @cached_property
    def client(self) -> Any:
        """boto3's own, to the server itself."""
        return client_of(self.upstream)

    def sides(self, way: Way) -> tuple[Source, Target]:
        versioned = way == "versions"
        source = Source(self.client, VERSIONS if versioned else SOURCE, versioned)
        if way == "registry":
            return source, RegistryTarget(self.standin)
        bucket = VERSIONS_TARGET if versioned else TARGET
        return source, BucketTarget(self.client, bucket, self.target, versioned)

    def environment(self, way: Way) -> Mapping[str, str]:
        """Within one store both sides are reached by one proxy."""
        source = self.target if way == "within" else self.source
        return {
            **KEYS,
            "OLD_ENDPOINT_URL": source.endpoint,
            "NEW_ENDPOINT_URL": self.target.endpoint,
            "REGISTRY_ENDPOINT_URL": self.standin.endpoint,
            "REGISTRY_API_KEY": KEY,
            "MIGRATION_STAGING": str(self.staging),
            "MIGRATION_CONTRACTS": str(contracts()),
            "DAGSTER_HOME": str(self.folder),
            "TMPDIR": str(self.folder),
        }

    @property
    def staging(self) -> Path:
        return self.folder / "staging"

    def forget(self) -> None:
        """Nothing is staged, and nothing on record."""
        shutil.rmtree(self.staging, ignore_errors=True)

    def start(self, way: Way, **said: Any) -> Worker:
        """`said`: of the job, what is not as it is of every run."""
        run = f"faults-{secrets.token_hex(6)}"
        return self.nursery.start(
            Job(
                run_id=run,
                contract=CONTRACTS[way],
                partitions=["all"],
                folder=str(contracts()),
                environment=self.environment(way),
                log=str(self.folder / f"{run}.log"),
                told=str(self.folder / f"{run}.told"),
                hurry=0.02,
                **said,
            )
        )


def client_of(endpoint: str) -> Any:
    """boto3's own."""
    import boto3
    from botocore.config import Config

    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="suite",
        aws_secret_access_key="suite",
        config=Config(s3={"addressing_style": "path"}, request_checksum_calculation="when_required"),
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
        repository() as standin,
    ):
        yield World(folder, upstream, one, two, standin, born)


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
