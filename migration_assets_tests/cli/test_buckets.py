"""An operator's day with a bucket and a table in one project, through `migrate`."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from migration_assets.stores import s3
from migration_assets_tests.cli.test_journey import Desk
from migration_assets_tests.s3 import KEYS

BUCKET = """\
apiVersion: v3.2.0
kind: DataContract
id: exports
name: exports
version: 1.0.0
status: active
domain: shop
servers:
  - {server: old_files, type: s3, location: "s3://desk-old/team/"}
  - {server: new_files, type: s3, location: "s3://desk-new"}
customProperties:
  - property: migration
    value:
      kind: bucket
      source: old_files
      target: new_files
      conflict: overwrite
      partitions: {by: objects, objects: 4}
"""


@pytest.fixture
def desk(tmp_path: Path, new_database: Callable[[str], str], s3_server: str) -> Iterator[Desk]:
    """A desk with a bucket, of which one object is on the target already."""
    made = Desk(tmp_path, new_database("buckets"))
    made.environment |= {
        **KEYS,
        "OLD_FILES_ENDPOINT_URL": s3_server,
        "NEW_FILES_ENDPOINT_URL": s3_server,
    }
    contracts = Path(made.environment["MIGRATION_CONTRACTS"])
    (contracts / "exports.odcs.yaml").write_text(BUCKET)
    client = s3.client("s3", made.environment, "OLD_FILES")
    for name in ("desk-old", "desk-new"):
        client.create_bucket(Bucket=name)
    for number in range(10):
        client.put_object(Bucket="desk-old", Key=f"team/{number}.txt", Body=b"x" * number)
    client.put_object(Bucket="desk-old", Key="other/1.txt", Body=b"not ours")
    client.put_object(Bucket="desk-new", Key="3.txt", Body=b"older")
    yield made
    for name in ("desk-old", "desk-new"):
        for each in client.list_objects_v2(Bucket=name).get("Contents", ()):
            client.delete_object(Bucket=name, Key=each["Key"])
        client.delete_bucket(Bucket=name)


def bodies(desk: Desk, bucket: str = "desk-new") -> dict[str, bytes]:
    client = s3.client("s3", desk.environment, "OLD_FILES")
    there = client.list_objects_v2(Bucket=bucket).get("Contents", ())
    keys = [each["Key"] for each in there if not each["Key"].startswith(".migration-assets/")]
    return {key: client.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}


def of(said: dict[str, Any], contract: str = "exports") -> dict[str, Any]:
    (found,) = [each for each in said["contracts"] if each["contract"] == contract]
    return found


@pytest.mark.slow
def test_a_bucket_and_a_table_are_planned_moved_verified_and_taken_back_together(desk: Desk) -> None:
    code, plan = desk.migrate("plan")
    assert code == 0, plan
    assert {step["contract"]: len(step["partitions"]) for step in plan["steps"]}["exports"] == 3
    code, checked = desk.migrate("check", "exports")
    assert (code, checked["passed"]) == (0, True), checked

    code, run = desk.migrate("run", "exports", "customer")
    assert (code, run["verified"]) == (0, True), run
    assert (of(run)["loaded"], of(run)["rows"]) == (3, 10)
    assert bodies(desk) == {f"{number}.txt": b"x" * number for number in range(10)}
    code, status = desk.migrate("status", "exports")
    assert (of(status)["loaded"], of(status)["in_ledger"], of(status)["done"]) == (3, 3, True)
    code, verified = desk.migrate("verify", "exports", "--sample", "100%")
    assert (code, verified["equal"]) == (0, True), json.dumps(verified, indent=1)

    code, again = desk.migrate("run", "exports", "customer")
    assert (code, again["contracts"]) == (0, [])

    code, preview = desk.migrate("rollback", "exports", "--preview")
    assert code == 0
    assert sum(each["rows_before"] for each in preview["partitions"]) == 10
    code, back = desk.migrate("rollback", "exports", "customer", "--yes")
    assert (code, back["verified"]) == (0, True), back
    assert bodies(desk) == {"3.txt": b"older"}
    assert desk.new("SELECT count(*) FROM shop.customer") == [(0,)]
