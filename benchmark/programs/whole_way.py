"""All partitions of a contract in one run of Dagster, in this process, as the daemon's runs are."""

import sys

import dagster as dg
from dagster._core.storage.tags import ASSET_PARTITION_RANGE_END_TAG, ASSET_PARTITION_RANGE_START_TAG

from migration_assets.definitions import defs


def main(contract: str) -> int:
    definitions = defs.load_fn()  # pyright: ignore[reportFunctionMemberAccess]
    job = definitions.resolve_job_def(f"tables_{contract}")
    assert job.partitions_def is not None
    keys = job.partitions_def.get_partition_keys()
    tags = {ASSET_PARTITION_RANGE_START_TAG: keys[0], ASSET_PARTITION_RANGE_END_TAG: keys[-1]}
    with dg.DagsterInstance.get() as instance:
        result = job.execute_in_process(instance=instance, tags=tags, raise_on_error=False)
    return 0 if result.success else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
