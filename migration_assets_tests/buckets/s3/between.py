"""A contract between two buckets of one server, taken through the engine."""

import base64
import hashlib
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from migration_assets.buckets.engine import BucketMigration
from migration_assets.buckets.opening import opened
from migration_assets.buckets.part import Ends
from migration_assets.buckets.places import Capabilities
from migration_assets.buckets.s3.target import S3Target
from migration_assets.contracts.bucket_model import Bucket, Kept
from migration_assets.stages.report import STAGES
from migration_assets.stages.way import StageResult
from migration_assets.stores import s3
from migration_assets_tests.buckets.world import contract
from migration_assets_tests.s3 import KEYS

_numbers = itertools.count(1)
_known: dict[tuple[object, ...], Capabilities] = {}


@dataclass
class Between:
    """`old-…` to `new-…`, and what of each object the contract keeps."""

    server: str
    folder: Path
    keep: tuple[Kept, ...] = ()
    #: key and secret, where the server looks at them
    keys: Mapping[str, str] = field(default_factory=lambda: KEYS)
    said: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def __post_init__(self) -> None:
        self.number, self.runs = next(_numbers), 0
        self._made: tuple[object, ...] = (self.server, self.number)
        self.old, self.new = f"kept-old-{self.number}", f"kept-new-{self.number}"

    @property
    def environment(self) -> dict[str, str]:
        sides = {"OLD_URL": f"s3://{self.old}", "NEW_URL": f"s3://{self.new}"}
        endpoints = {f"{name}_ENDPOINT_URL": self.server for name in ("OLD", "NEW")}
        return {**self.keys, **sides, **endpoints, "MIGRATION_STAGING": str(self.folder)}

    @property
    def client(self) -> Any:
        return s3.client("s3", self.environment, "NEW")

    def make(self, *, versions: bool = False, lock: bool = False) -> "Between":
        self._made = (self.server, self.keep, versions, lock)
        for bucket in (self.old, self.new):
            self.client.create_bucket(Bucket=bucket, **({"ObjectLockEnabledForBucket": True} if lock else {}))
            if versions and not lock:
                said = {"Bucket": bucket, "VersioningConfiguration": {"Status": "Enabled"}}
                self.client.put_bucket_versioning(**said)
        return self

    @property
    def migration(self) -> BucketMigration:
        """As another process would make it."""
        made = contract(keep=frozenset({"headers", "metadata", "tags", *self.keep}), **self.said)
        return BucketMigration(made, {made.name: made}, self.environment, self._opened)

    def _opened(self, bucket: Bucket, environment: Mapping[str, str]) -> Ends:
        """Buckets that were made alike are probed once."""
        ends = opened(bucket, environment)
        assert isinstance(ends.target, S3Target)
        if self._made not in _known:
            _known[self._made] = ends.target.capabilities()
        store, writing = ends.target.store, ends.target.writing
        return replace(ends, target=S3Target(store, ends.target.prefix, writing, _known[self._made]))

    def put(self, key: str, body: bytes, **said: Any) -> Any:
        """With its MD5, which a bucket with locks asks for."""
        md5 = base64.b64encode(hashlib.md5(body).digest()).decode()
        return self.client.put_object(Bucket=self.old, Key=key, Body=body, ContentMD5=md5, **said)

    def run(self) -> dict[str, StageResult]:
        self.runs += 1
        return {each.stage: each for each in self.migration.move(["all"], STAGES, f"run-{self.runs}")}

    def loaded(self) -> Mapping[str, Any]:
        """What a run moved; an error where it did not end well."""
        done = self.run()["loaded"]
        assert not done.failure, done.failure
        assert done.report
        return done.report.facts

    def back(self, *, discard: bool = False) -> StageResult:
        self.runs += 1
        name, migration = f"back-{self.runs}", self.migration
        migration.ask_to_restore(["all"], None, name, discard=discard)
        (result,) = migration.restore(["all"], name, f"run-{self.runs}")
        if not result.failure:
            migration.restored("all", name)
        return result

    def versions(self, bucket: str) -> dict[str, list[bytes | None]]:
        """Of each key the bodies, the oldest first; None for a delete marker."""
        said = self.client.list_object_versions(Bucket=bucket)
        found = [(each, False) for each in said.get("Versions", ())]
        found += [(each, True) for each in said.get("DeleteMarkers", ())]
        found.sort(key=lambda each: (each[0]["Key"], each[0]["IsLatest"], each[0]["LastModified"]))
        bodies: dict[str, list[bytes | None]] = {}
        for each, marker in found:
            at = {"Bucket": bucket, "Key": each["Key"], "VersionId": each["VersionId"]}
            body = None if marker else self.client.get_object(**at)["Body"].read()
            bodies.setdefault(each["Key"], []).append(body)
        return bodies
