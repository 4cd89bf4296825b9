"""`migrate plan` of a bucket, from outside."""

import json
from pathlib import Path

from migration_assets_tests.cli.calling import migrate
from migration_assets_tests.contracts.bucket_example import SMALLEST
from migration_assets_tests.s3 import Bucket


def world(folder: Path, bucket: Bucket, said: str) -> dict[str, str]:
    contracts = folder / "contracts"
    contracts.mkdir()
    text = SMALLEST.replace("kind: bucket,", f"kind: bucket, {said},")
    (contracts / "artifacts.odcs.yaml").write_text(text)
    bucket.client.put_bucket_versioning(Bucket=bucket.name, VersioningConfiguration={"Status": "Suspended"})
    for number in range(7):
        bucket.client.put_object(Bucket=bucket.name, Key=f"in/{number}", Body=b"x" * 10)
    return {
        **bucket.environment,
        "MIGRATION_CONTRACTS": str(contracts),
        "DAGSTER_HOME": str(folder),
        "OLD_STORE_URL": f"s3://{bucket.name}/in/",
        "NEW_STORE_URL": f"s3://{bucket.name}/out/",
        "AWS_ENDPOINT_URL_S3": bucket.endpoint,
    }


def test_a_bucket_is_planned_once_and_said_in_words(tmp_path: Path, bucket: Bucket) -> None:
    environment = world(tmp_path, bucket, "partitions: {by: objects, objects: 3}")

    done = migrate(environment, "plan")

    words = " ".join(done.stdout.split())
    assert done.returncode == 0, done.stdout
    assert "Planned artifacts from its source; frozen beside the contract." in words
    assert "0001, 0002, 0003" in words
    assert "List the objects of 3 of 3 partitions" in words
    assert "7 objects, 70 B" in words
    assert "(small: one by one)" in words
    assert "takes all that is kept" in words
    plan = tmp_path / "contracts" / "artifacts.partitions.json"
    frozen = plan.read_bytes()
    # nothing of the canary is left, and a new object moves no bound
    assert [key for key in bucket.objects() if not key.startswith("in/")] == []
    bucket.client.put_object(Bucket=bucket.name, Key="in/00", Body=b"")
    # a target that does not answer is said, and the plan goes on
    environment["NEW_STORE_URL"] = "s3://nobodys-bucket"
    found = json.loads(migrate(environment, "plan", "--json").stdout)

    (step,) = found["steps"]
    assert (found["planned"], step["partitions"], step["of"]) == ([], ["0001", "0002", "0003"], 3)
    assert (step["inventory"]["counts"]["objects"], step["structure"]["state"]) == (7, "not asked")
    assert "nobodys-bucket" in step["structure"]["sentences"][0]
    assert plan.read_bytes() == frozen
