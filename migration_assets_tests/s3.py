"""An S3 on this machine (moto), a bucket for each test, and a proxy before it that does what S3 does on bad days."""

import base64
import hashlib
import itertools
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from migration_assets.stores import s3
from migration_assets_tests.forwarding import Forwarding, forwarding

KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1"}
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Bucket:
    """An empty bucket, and what leads to it."""

    name: str
    endpoint: str

    @property
    def environment(self) -> dict[str, str]:
        return {
            **KEYS,
            "MIGRATION_STAGING": f"s3://{self.name}/staged",
            "MIGRATION_STAGING_ENDPOINT_URL": self.endpoint,
        }

    @property
    def client(self) -> Any:
        return s3.client("s3", self.environment, "MIGRATION_STAGING")

    def objects(self) -> list[str]:
        return [each["Key"] for each in self.client.list_objects_v2(Bucket=self.name).get("Contents", ())]

    def unfinished(self) -> list[str]:
        return [
            each["Key"] for each in self.client.list_multipart_uploads(Bucket=self.name).get("Uploads", ())
        ]


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """The endpoint of an S3 (and SQS) that keeps everything in memory."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(s3_server: str) -> Iterator[Bucket]:
    """Emptied afterwards: what lies in it lies in memory."""
    made = Bucket(f"bucket-{next(_numbers)}", s3_server)
    made.client.create_bucket(Bucket=made.name)
    yield made
    for key in made.objects():
        made.client.delete_object(Bucket=made.name, Key=key)


@dataclass
class Fault:
    """What is done to requests of a method whose path and query match, so many times."""

    action: str
    method: str
    match: str = ""
    times: int = 1
    #: bytes that arrive, or the place of the byte that is changed
    at: int = 0
    done: int = 0


@dataclass
class Proxy:
    """An S3 that fails as it is told to."""

    upstream: str
    faults: list[Fault] = field(default_factory=list)
    endpoint: str = ""
    #: method and path of everything that was asked
    asked: list[str] = field(default_factory=list)
    #: paths whose bytes came without a checksum
    unproven: list[str] = field(default_factory=list)
    #: whether ETags are other ones than MD5s, as under a key of KMS: here they are turned round
    opaque: bool = False
    #: whether conditions are not looked at
    deaf: bool = False

    def fault(self, action: str, method: str, match: str = "", times: int = 1, at: int = 0) -> Fault:
        self.faults.append(Fault(action, method, match, times, at))
        return self.faults[-1]

    def due(self, method: str, path: str) -> Fault | None:
        for fault in self.faults:
            if fault.method == method and fault.done < fault.times and re.search(fault.match, path):
                fault.done += 1
                return fault
        return None


@contextmanager
def s3_proxy(upstream: str) -> Iterator[Proxy]:
    proxy = Proxy(upstream)
    with forwarding(_Failing, upstream, proxy=proxy) as proxy.endpoint:
        yield proxy


def _error(code: str) -> bytes:
    # S3's own words may hold anything: none of them may be repeated
    return f'<?xml version="1.0"?><Error><Code>{code}</Code><Message>secret-of-the-server</Message></Error>'.encode()


class _Failing(Forwarding):
    proxy: Proxy

    def between(self, body: bytes) -> None:
        self.proxy.asked.append(f"{self.command} {self.path}")
        fault = self.proxy.due(self.command, self.path)
        action = fault.action if fault else ""
        if action in ("503", "500", "403"):
            names = {"503": "SlowDown", "500": "InternalError", "403": "AccessDenied"}
            self.answer(int(action), {}, _error(names[action]))
            return
        if action == "reset":
            self.cut()
            return
        if fault and action == "hang":
            time.sleep(fault.at)
            self.cut()
            return
        if fault and action == "flip sent" and body:
            body = _flipped(body, fault.at)
        if len(body) < int(self.headers.get("Content-Length") or 0):
            self.cut()
            return
        if not self._proven(body):
            self.answer(400, {}, _error("BadDigest"))
            return
        if not self._as_signed(body):
            self.answer(400, {}, _error("XAmzContentSHA256Mismatch"))
            return
        if self.proxy.opaque and (held := self.headers.get("If-Match")):
            self.headers.replace_header("If-Match", held[::-1])
        if self.proxy.deaf:
            del self.headers["If-Match"], self.headers["If-None-Match"]
        status, headers, found = self.asked_upstream(body)
        if self.proxy.opaque:
            headers = {
                name: value[::-1] if name.lower() == "etag" else value for name, value in headers.items()
            }
            found = re.sub(rb"(?<=&quot;)[0-9a-f]{32}(?=&quot;)", lambda etag: etag[0][::-1], found)
            found = re.sub(rb'(?<=")[0-9a-f]{32}(?="</ETag)', lambda etag: etag[0][::-1], found)
        if action == "lost":
            self.cut()
        elif action == "200 error":
            self.answer(200, {"Content-Type": "application/xml"}, _error("InternalError"))
        elif fault and action == "truncate":
            self.answer(status, headers, found[: fault.at], length=len(found))
            self.cut()
        elif fault and action == "flip":
            self.answer(status, headers, _flipped(found, fault.at))
        else:
            self.answer(status, headers, found)

    def _proven(self, body: bytes) -> bool:
        """As S3 looks at the checksum that comes with bytes."""
        said = self.headers.get("x-amz-checksum-sha256")
        if said is None:
            if self.command == "PUT" and body:
                self.proxy.unproven.append(self.path)
            return True
        return base64.b64decode(said) == hashlib.sha256(body).digest()

    def _as_signed(self, body: bytes) -> bool:
        """Likewise at the hash that is part of a request's signature, and at an MD5."""
        signed = self.headers.get("x-amz-content-sha256", "")
        md5 = self.headers.get("Content-MD5")
        if md5 and base64.b64decode(md5) != hashlib.md5(body).digest():
            return False
        return len(signed) != 64 or signed == hashlib.sha256(body).hexdigest()


def _flipped(body: bytes, at: int) -> bytes:
    changed = bytearray(body)
    changed[at % len(changed)] ^= 1
    return bytes(changed)
