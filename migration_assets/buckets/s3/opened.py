"""Buckets by their URL: `s3://bucket/prefix`, where the prefix is taken byte for byte.

`s3://legacy/exports` has `exports2/a`, too: end it in a slash where a folder is meant.
"""

from collections.abc import Mapping

from migration_assets.buckets.places import Capabilities
from migration_assets.buckets.s3.flow import Throttle, unlimited
from migration_assets.buckets.s3.server import READ_TIMEOUT
from migration_assets.buckets.s3.source import S3Source
from migration_assets.buckets.s3.store import Store
from migration_assets.buckets.s3.target import S3Target
from migration_assets.buckets.s3.writing import Writing
from migration_assets.stores import s3


def source_of(
    url: str,
    environment: Mapping[str, str],
    name: str,
    *,
    known: Capabilities | None = None,
    throttle: Throttle = unlimited,
    read_timeout: float = READ_TIMEOUT,
    acl: bool = False,
) -> S3Source:
    """`name` leads to endpoint and account in the environment; ConnectionRefused as `stores.s3.client`.

    With `acl` every object is asked for its ACL, too."""
    store, prefix = _store(url, environment, name, throttle, read_timeout)
    return S3Source(store, prefix, known, acl=acl)


def target_of(
    url: str,
    environment: Mapping[str, str],
    name: str,
    *,
    writing: Writing | None = None,
    known: Capabilities | None = None,
    throttle: Throttle = unlimited,
    read_timeout: float = READ_TIMEOUT,
) -> S3Target:
    """Likewise; `known` is what an earlier probe of the same bucket found, which is not probed again."""
    store, prefix = _store(url, environment, name, throttle, read_timeout)
    return S3Target(store, prefix, writing, known)


def _store(
    url: str, environment: Mapping[str, str], name: str, throttle: Throttle, read_timeout: float
) -> tuple[Store, str]:
    bucket, _, prefix = url.removeprefix("s3://").partition("/")
    bucket = s3.address(f"s3://{bucket}" if url.startswith("s3://") else url, name).bucket

    def access() -> s3.Access:
        return s3.access(bucket, environment, name)

    store = Store(
        access(),
        bucket,
        f"s3://{bucket}/{prefix}" if prefix else f"s3://{bucket}",
        renewed=access,
        throttle=throttle,
        read_timeout=read_timeout,
    )
    return store, prefix
