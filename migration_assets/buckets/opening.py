"""A contract's two ends, opened: the one place that knows which stores there are."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from migration_assets.buckets.limit import Limit, Rates, file_of
from migration_assets.buckets.packaging import packaged
from migration_assets.buckets.part import Ends
from migration_assets.buckets.places import Source
from migration_assets.contracts.bucket_model import LARGE, Bucket, End
from migration_assets.contracts.places import Place, place
from migration_assets.errors import ConnectionRefused

if TYPE_CHECKING:
    from migration_assets.buckets.s3.writing import Writing

#: what of `keep` is written with an object of S3
_WRITTEN = ("headers", "metadata", "tags", "storage_class", "lock", "acl")
#: bytes of the path of a package
_LONGEST_PATH = 2083


def opened(bucket: Bucket, environment: Mapping[str, str]) -> Ends:
    """ConnectionRefused where the environment leads nowhere; nothing is asked yet."""
    from_place, to_place = place(bucket.source, environment), place(bucket.target, environment)
    source = source_of(bucket, environment)
    if bucket.target.store == "cloudsmith":
        from migration_assets.buckets import cloudsmith

        target = cloudsmith.target_of(
            str(to_place),
            to_place.environment(environment),
            to_place.name,
            throttle=throttle(bucket.target, environment),
        )
        return Ends(
            source,
            target,
            from_place,
            to_place,
            largest=LARGE,
            longest_key=_LONGEST_PATH,
            packaged=packaged(bucket, source, from_place),
        )
    from migration_assets.buckets.s3.opened import target_of

    writing, acl = _writing(bucket, environment), "acl" in bucket.keep
    said = to_place.environment(environment)
    url = str(to_place)
    target = target_of(
        url,
        said,
        to_place.name,
        writing=writing,
        throttle=throttle(bucket.target, environment),
    )
    return Ends(source, target, from_place, to_place, reader=_read(bucket.target, to_place, said, acl=acl))


def source_of(bucket: Bucket, environment: Mapping[str, str]) -> Source:
    """The source alone."""
    if bucket.source.store != "s3":
        raise ConnectionRefused(
            f"{bucket.source.server.name} is no bucket: packages are written there, and not read.",
            advice="Take a bucket as `source`.",
        )
    found = place(bucket.source, environment)
    return _read(bucket.source, found, found.environment(environment), acl="acl" in bucket.keep)


def _read(end: End, found: Place, environment: Mapping[str, str], *, acl: bool) -> Source:
    from migration_assets.buckets.s3.opened import source_of as s3_source_of

    return s3_source_of(str(found), environment, found.name, throttle=throttle(end, environment), acl=acl)


def throttle(end: End, environment: Mapping[str, str]) -> Limit:
    """Of the side's server, as all processes of this machine share it."""
    file = file_of(end.server.variable.removesuffix("_URL"), environment)
    return Limit(file, Rates(end.requests_per_second, end.bytes_per_second))


def _writing(bucket: Bucket, environment: Mapping[str, str]) -> "Writing":
    from migration_assets.buckets.s3.writing import Writing

    kept = {name for name in _WRITTEN if name in bucket.keep or getattr(bucket, name, None)}
    return Writing(keep=frozenset(kept), encryption=_encryption(bucket, environment))  # type: ignore[arg-type]


def _encryption(bucket: Bucket, environment: Mapping[str, str]) -> str:
    said = bucket.encryption
    if said is None:
        return ""
    if said.sse == "s3":
        return "AES256"
    key = said.key
    if key.startswith("$"):
        key = environment.get(key[1:], "").strip()
        if not key:
            raise ConnectionRefused(
                f"{said.key[1:]} is not set, and `encryption` says that it holds a key of KMS.",
                advice="Set it to the key's ARN.",
            )
    if key and not key.startswith("arn:"):
        raise ConnectionRefused(
            "The key of `encryption` is no ARN.", advice="Write it as `arn:aws:kms:…`, or leave it out."
        )
    return key or "aws:kms"
