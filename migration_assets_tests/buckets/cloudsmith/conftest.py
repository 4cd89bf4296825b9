"""A stand-in of Cloudsmith for each test, and objects in a bucket that become packages there."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from migration_assets.buckets.cloudsmith import Cloudsmith, client, settling, target_of
from migration_assets.buckets.model import Decision, Found, Moved, There
from migration_assets.buckets.places import Pace
from migration_assets.buckets.s3.opened import source_of
from migration_assets.buckets.s3.source import S3Source
from migration_assets_tests.buckets.cloudsmith.standin import StandIn, serving
from migration_assets_tests.s3 import KEYS, Bucket

URL = "cloudsmith://shop/releases"


@dataclass
class Side:
    """Source and target of a migration, with what the tests look at."""

    bucket: Bucket
    standin: StandIn
    home: Path

    @property
    def environment(self) -> dict[str, str]:
        return {
            **KEYS,
            "OLD_ENDPOINT_URL": self.bucket.endpoint,
            **self.standin.environment("NEW"),
            "DAGSTER_HOME": str(self.home),
        }

    @property
    def source(self) -> S3Source:
        return source_of(f"s3://{self.bucket.name}", self.environment, "OLD")

    @property
    def target(self) -> Cloudsmith:
        return target_of(URL, self.environment, "NEW")

    def put(self, objects: Mapping[str, bytes], **named: object) -> None:
        for key, body in objects.items():
            self.bucket.client.put_object(Bucket=self.bucket.name, Key=key, Body=body, **named)

    def listed(self) -> list[Found]:
        return list(self.source.listed())

    def move(self, decisions: list[Decision] | None = None, workers: int = 4) -> list[Moved]:
        wanted = [generic(each) for each in self.listed()] if decisions is None else decisions
        return list(self.target.move(wanted, self.source, Pace("small", workers)))

    def there(self) -> dict[str, There]:
        return {each.key: each for each in self.target.there()}


def generic(found: Found, before: There | None = None) -> Decision:
    return Decision(found, "copy", "", found.key, before, format="generic")


def sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "FIRST_WAIT", 0.02)
    monkeypatch.setattr(settling, "FIRST_GAP", 0.05)


@pytest.fixture
def standin() -> Iterator[StandIn]:
    with serving(delay=0.02) as made:
        made.world.make("shop", "releases")
        yield made


@pytest.fixture
def side(bucket: Bucket, standin: StandIn, tmp_path: Path) -> Side:
    return Side(bucket, standin, tmp_path)
