"""kill -9 at any moment: the next run completes, and sends nothing that had arrived."""

import itertools
import random
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from migration_assets.buckets.engine import BucketMigration
from migration_assets.stores import s3
from migration_assets_tests.buckets import killing
from migration_assets_tests.buckets.world import contract
from migration_assets_tests.s3 import KEYS, Proxy, s3_proxy

_numbers = itertools.count(1)


class Place:
    """A bucket of objects, an empty one behind a proxy that counts, and a staging."""

    def __init__(self, endpoint: str, proxy: Proxy, folder: Path, objects: int) -> None:
        number = next(_numbers)
        self.proxy = proxy
        self.old, self.new = f"killed-{number}", f"killed-{number}-new"
        self.environment = {
            **KEYS,
            "MIGRATION_STAGING": str(folder),
            "OLD_URL": f"s3://{self.old}",
            "OLD_ENDPOINT_URL": endpoint,
            "NEW_URL": f"s3://{self.new}",
            "NEW_ENDPOINT_URL": proxy.endpoint,
        }
        self.client: Any = s3.client("s3", self.environment, "OLD")
        for bucket in (self.old, self.new):
            self.client.create_bucket(Bucket=bucket)
        for at in range(objects):
            self.client.put_object(Bucket=self.old, Key=f"{at:05d}", Body=f"object {at}".encode())

    def there(self, bucket: str) -> dict[str, str]:
        """Keys and ETags."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        found = [each for page in pages for each in page.get("Contents", ())]
        return {each["Key"]: each["ETag"] for each in found if not each["Key"].startswith(".")}

    def sending(self) -> list[str]:
        """Keys that were sent to the target since `sent` was asked before."""
        found = [re.fullmatch(rf"PUT /{self.new}/(\d+)", line) for line in list(self.proxy.asked)]
        return [each[1] for each in found if each]

    def sent(self) -> list[str]:
        """Likewise; from now on they are counted anew."""
        found = self.sending()
        self.proxy.asked.clear()
        return found


@pytest.fixture
def proxy(s3_server: str) -> Iterator[Proxy]:
    killing.ready()
    with s3_proxy(s3_server) as made:
        yield made


def _moment(place: Place, chance: random.Random, objects: int) -> Callable[[], bool]:
    """After so many objects were sent, and a touch; one time in five after some seconds, whatever is done."""
    if chance.random() < 0.2:
        at = time.monotonic() + chance.uniform(0.1, 4.0)
        return lambda: time.monotonic() > at
    touch = chance.uniform(0, 0.03)

    def due() -> bool:
        if len(place.sending()) <= objects:
            return False
        time.sleep(touch)
        return True

    return due


def trial(place: Place, objects: int, kills: int, chance: random.Random) -> tuple[int, int]:
    """How many runs were killed at work, and how many objects were sent in all.

    What stands on the target when a run has been killed was proven by its own hash: it is not sent again."""
    arrived: dict[str, str] = {}
    done = sent = 0
    for number in range(kills):
        due = _moment(place, chance, chance.randrange(objects // kills))
        done += killing.killed(killing.begun(place.environment, f"run-{number}"), due)
        of_this = place.sent()
        sent += len(of_this)
        assert not set(of_this) & arrived.keys(), "sent again, though it had arrived"
        arrived |= place.there(place.new)
    assert killing.ended(killing.begun(place.environment, "last")) == 0
    of_this = place.sent()
    assert not set(of_this) & arrived.keys()
    assert place.there(place.new) == place.there(place.old)
    return done, sent + len(of_this)


def back(place: Place) -> None:
    """Everything was this migration's own, also what no dead run has recorded."""
    migration = BucketMigration(contract(), {}, place.environment)
    while list(migration.foreseen({"all": None})):
        migration.ask_to_restore(["all"], None, "back")
        (result,) = migration.restore(["all"], "back", "run-back")
        assert result.failure == ""
        migration.restored("all", "back")


def test_runs_that_are_killed_are_completed_and_nothing_that_arrived_is_sent_again(
    s3_server: str, proxy: Proxy, tmp_path: Path
) -> None:
    seed = random.randrange(1 << 31)
    print("seed", seed)
    place = Place(s3_server, proxy, tmp_path, objects=50)

    trial(place, 50, 2, random.Random(seed))
    back(place)

    assert place.there(place.new) == {}


@pytest.mark.slow
def test_fifty_kills_of_a_partition_of_two_thousand_objects(
    s3_server: str, proxy: Proxy, tmp_path: Path
) -> None:
    seed = random.randrange(1 << 31)
    print("seed", seed)
    place = Place(s3_server, proxy, tmp_path, objects=2000)

    done, sent = trial(place, 2000, 50, random.Random(seed))
    print(f"{done} of 50 runs killed at work, {sent} requests that sent an object, for 2,000 objects")
    back(place)

    assert done >= 45
    assert place.there(place.new) == {}
