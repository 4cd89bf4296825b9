"""The demo's S3 and Cloudsmith: a process of its own, in memory, gone with whoever started it.

`python -m migration_assets.demo.stores` prints where they are as one line of JSON, and ends when its standard
input does.
"""

import contextlib
import importlib
import json
import os
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from migration_assets.demo.objects import PART, Thing, things
from migration_assets.errors import MigrationError

#: contracts of the demo that need these stores
FILES, RELEASES = "catalogue", "releases"
#: where they listen if nobody else does, so that `.env` stays as it is
PORTS = (38_471, 38_472)
#: seconds until both have started
_PATIENCE = 60.0
_STANDIN = "migration_assets_tests.buckets.cloudsmith.standin"


@contextmanager
def running(root: Path) -> Generator[dict[str, str]]:
    """The environment that leads to them; the bucket `shop-files` is filled, all else is empty.

    Without what they are made of (`make setup` installs it), of what is there.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "migration_assets.demo.stores"],
        cwd=root,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        assert process.stdout
        said = process.stdout.readline()
        if not said:
            raise MigrationError(
                "The demo's object stores did not start.",
                advice="Run `make setup`, and look whether another program listens on their ports.",
            )
        yield json.loads(said)
    finally:
        assert process.stdin
        with contextlib.suppress(OSError):
            process.stdin.close()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def of_them(environment: dict[str, str]) -> tuple[str, ...]:
    """The contracts that can be moved with what has started."""
    return tuple(
        contract
        for contract, variable in ((FILES, "OLD_FILES_ENDPOINT_URL"), (RELEASES, "REGISTRY_ENDPOINT_URL"))
        if variable in environment and "OLD_FILES_ENDPOINT_URL" in environment
    )


def main() -> None:
    environment: dict[str, str] = {}
    with contextlib.ExitStack() as stack:
        for store in (_s3, _cloudsmith):
            # what is not installed is left out, and the demo says so
            with contextlib.suppress(ImportError):
                environment |= stack.enter_context(store())
        print(json.dumps(environment), flush=True)
        sys.stdin.buffer.read()
    os._exit(0)  # threads of the servers may still be at work


@contextmanager
def _s3() -> Generator[dict[str, str]]:
    from moto.server import ThreadedMotoServer

    server = _on_a_port(
        PORTS[0], lambda port: ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
    )
    host, port = server.get_host_and_port()
    environment: dict[str, str] = {}
    for name in ("OLD_FILES", "NEW_FILES"):
        environment |= {
            f"{name}_ENDPOINT_URL": f"http://{host}:{port}",
            f"{name}_ACCESS_KEY_ID": "demo",
            f"{name}_SECRET_ACCESS_KEY": "demo",
            f"{name}_REGION": "us-east-1",
        }
    _fill(environment)
    yield environment


def _on_a_port(port: int, made: Any) -> Any:
    """On that port, else on any that is free."""
    import socket

    with socket.socket() as probe:
        free = probe.connect_ex(("127.0.0.1", port)) != 0
    server = made(port if free else 0)
    server.start()
    return server


def _fill(environment: dict[str, str]) -> None:
    from migration_assets.stores import s3

    client = s3.client("s3", environment, "OLD_FILES")
    for bucket in ("shop-files", "shop-archive"):
        client.create_bucket(Bucket=bucket)
    for thing in things():
        said = {"Bucket": "shop-files", "Key": thing.key, "ContentType": thing.content_type}
        said |= {"Metadata": thing.metadata, **({"Tagging": thing.tags} if thing.tags else {})}
        if thing.in_parts:
            _in_parts(client, said, thing)
        else:
            client.put_object(**said, Body=thing.body)


def _in_parts(client: Any, said: dict[str, Any], thing: Thing) -> None:
    place = {"Bucket": said["Bucket"], "Key": said["Key"]}
    upload = client.create_multipart_upload(**said)["UploadId"]
    parts: list[dict[str, Any]] = []
    for number, at in enumerate(range(0, len(thing.body), PART), start=1):
        body = thing.body[at : at + PART]
        answer = client.upload_part(**place, UploadId=upload, PartNumber=number, Body=body)
        parts.append({"PartNumber": number, "ETag": answer["ETag"]})
    client.complete_multipart_upload(**place, UploadId=upload, MultipartUpload={"Parts": parts})


@contextmanager
def _cloudsmith() -> Generator[dict[str, str]]:
    standin = importlib.import_module(_STANDIN)
    with contextlib.ExitStack() as stack:
        try:
            served = stack.enter_context(standin.serving(port=PORTS[1], delay=0.2))
        except OSError:
            served = stack.enter_context(standin.serving(delay=0.2))
        served.world.make("shop", "releases")
        yield served.environment("REGISTRY")


if __name__ == "__main__":
    main()
