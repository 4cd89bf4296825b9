"""What a user writes in ten minutes: boto3, a pool of threads, a GET and a PUT of each object."""

import sys
from concurrent.futures import ThreadPoolExecutor

from boto3.s3.transfer import TransferConfig

from benchmark.buckets.servers import SOURCE, TARGET, Store

WORKERS = 16


def main(one: str, two: str) -> None:
    source, target = Store(one).client(), Store(two).client()
    config = TransferConfig(max_concurrency=4)

    def copied(key: str) -> None:
        target.upload_fileobj(source.get_object(Bucket=SOURCE, Key=key)["Body"], TARGET, key, Config=config)

    pages = source.get_paginator("list_objects_v2").paginate(Bucket=SOURCE)
    keys = [each["Key"] for page in pages for each in page.get("Contents", ())]
    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(copied, keys))


if __name__ == "__main__":
    main(*sys.argv[1:])
