"""What a contract means of what its source holds, in the order of the keys and one after another."""

from collections.abc import Iterable, Iterator

from migration_assets.buckets.model import Found
from migration_assets.buckets.places import Source
from migration_assets.contracts.bucket_model import Bucket
from migration_assets.contracts.globs import among
from migration_assets.contracts.places import Place


def listed(source: Source, bucket: Bucket, place: Place) -> Iterator[Found]:
    """Asked of the source now; keys are whole."""
    return meant(source.listed(versions=bucket.versions), bucket, place)


def meant(found: Iterable[Found], bucket: Bucket, place: Place) -> Iterator[Found]:
    chosen = among(bucket.include, bucket.exclude)
    prefix, cut = place.prefix, len(place.prefix)
    for each in found:
        if each.key.startswith(prefix) and chosen(each.key[cut:]):
            yield each
