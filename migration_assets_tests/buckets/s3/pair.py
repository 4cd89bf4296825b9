"""Two buckets of moto, each behind a proxy that fails as it is told to and looks at what a store has to."""

import hashlib
import itertools
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from migration_assets.buckets.model import Decision, Found, Moved
from migration_assets.buckets.places import Capabilities, Pace, Source
from migration_assets.buckets.s3.opened import source_of, target_of
from migration_assets.buckets.s3.source import S3Source
from migration_assets.buckets.s3.target import S3Target
from migration_assets.stores import s3
from migration_assets_tests.s3 import KEYS, Proxy, s3_proxy

_numbers = itertools.count(1)


@dataclass
class Pair:
    server: str
    source_proxy: Proxy
    target_proxy: Proxy
    number: int = field(default_factory=lambda: next(_numbers))
    known: Capabilities | None = None

    @property
    def old(self) -> str:
        return f"old-{self.number}"

    @property
    def new(self) -> str:
        return f"new-{self.number}"

    @property
    def environment(self) -> dict[str, str]:
        return {
            **KEYS,
            "OLD_ENDPOINT_URL": self.source_proxy.endpoint,
            "NEW_ENDPOINT_URL": self.target_proxy.endpoint,
            "DIRECT_ENDPOINT_URL": self.server,
        }

    @property
    def client(self) -> Any:
        """Past the proxies."""
        return s3.client("s3", self.environment, "DIRECT")

    def make(self, *, versions: bool = False) -> "Pair":
        for bucket in (self.old, self.new):
            self.client.create_bucket(Bucket=bucket)
            if versions:
                self.client.put_bucket_versioning(
                    Bucket=bucket, VersioningConfiguration={"Status": "Enabled"}
                )
        return self

    def source(self, prefix: str = "") -> S3Source:
        return source_of(f"s3://{self.old}/{prefix}", self.environment, "OLD", read_timeout=1)

    def target(self, prefix: str = "", **said: Any) -> S3Target:
        said = {"known": self.known} | said
        made = target_of(f"s3://{self.new}/{prefix}", self.environment, "NEW", read_timeout=1, **said)
        made.capabilities()
        return made

    def put(self, key: str, body: bytes, **said: Any) -> Any:
        return self.client.put_object(Bucket=self.old, Key=key, Body=body, **said)

    def put_there(self, key: str, body: bytes, **said: Any) -> Any:
        return self.client.put_object(Bucket=self.new, Key=key, Body=body, **said)

    def put_parts(self, key: str, parts: Iterable[bytes], **said: Any) -> None:
        begun = self.client.create_multipart_upload(Bucket=self.old, Key=key, **said)
        at = {"Bucket": self.old, "Key": key, "UploadId": begun["UploadId"]}
        sent = [
            {
                "PartNumber": number,
                "ETag": self.client.upload_part(**at, PartNumber=number, Body=part)["ETag"],
            }
            for number, part in enumerate(parts, start=1)
        ]
        self.client.complete_multipart_upload(**at, MultipartUpload={"Parts": sent})

    def moved(
        self, source: Source | None = None, target: S3Target | None = None, workers: int = 4, **said: Any
    ) -> dict[str, Moved]:
        """Everything of the source, as it is listed, over what is there."""
        source, target = source or self.source(), target or self.target()
        there = {each.key: each for each in target.there()}
        decisions = [
            Decision(each, "copy", "", each.key, there.get(each.key)) for each in source.listed(**said)
        ]
        done = list(target.move(decisions, source, Pace("small", workers)))
        return {each.decision.target: each for each in done}

    def body(self, key: str) -> bytes:
        return self.client.get_object(Bucket=self.new, Key=key)["Body"].read()

    def held(self, bucket: str) -> dict[str, str]:
        """Keys to the hash of what is there."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        keys = [each["Key"] for page in pages for each in page.get("Contents", ())]
        return {
            key: hashlib.sha256(self.client.get_object(Bucket=bucket, Key=key)["Body"].read()).hexdigest()
            for key in keys
        }

    def unfinished(self) -> list[str]:
        return [
            each["Key"] for each in self.client.list_multipart_uploads(Bucket=self.new).get("Uploads", ())
        ]


@contextmanager
def pair_of(server: str) -> Iterator[Pair]:
    with s3_proxy(server) as source, s3_proxy(server) as target:
        yield Pair(server, source, target)


def found(source: S3Source, key: str) -> Found:
    return next(each for each in source.listed() if each.key == key)
