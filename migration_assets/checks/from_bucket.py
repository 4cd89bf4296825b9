"""A bucket contract's checks, as data: what will be recorded for each partition."""

from migration_assets.checks.spec import CheckSpec

SCHEMA = "schema"
COUNT = "count"
CHECKSUM = "checksum"
SIZE = "size"
METADATA = "metadata"
FORMAT = "format"
ACCESSIBLE = "accessible"
ORPHANS = "orphans"


def bucket_specs() -> tuple[CheckSpec, ...]:
    """The same for every bucket: `schema` on `transformed`, the rest on `loaded`."""
    return (
        CheckSpec(
            SCHEMA,
            "transformed",
            True,
            "There is one decision for each object of the inventory, and each of them can be carried out "
            "(Pandera).",
        ),
        CheckSpec(
            COUNT,
            "loaded",
            True,
            "Objects moved + skipped + failed = objects in the inventory, and a listing of the target has "
            "all that were moved or skipped.",
        ),
        CheckSpec(
            CHECKSUM,
            "loaded",
            True,
            "The listing of the target says of each object what was proven of it when it was moved: its "
            "bytes are those of the source.",
        ),
        CheckSpec(SIZE, "loaded", True, "Each object has as many bytes on the target as in the source."),
        CheckSpec(
            METADATA,
            "loaded",
            True,
            "Headers, metadata and tags of a sample (1 %, at least 100 objects) are those that the contract "
            "says; what the target cannot hold is counted.",
        ),
        CheckSpec(
            FORMAT,
            "loaded",
            False,
            "First bytes, content type and name of a sample agree, and its archives open. A source may hold "
            "broken files: it warns.",
        ),
        CheckSpec(
            ACCESSIBLE,
            "loaded",
            True,
            "A sample of up to 40 objects is read from the target as a user would; its bytes are the ones "
            "that were moved.",
        ),
        CheckSpec(
            ORPHANS,
            "loaded",
            False,
            "The target has nothing in the partition's range of keys that the inventory has not.",
        ),
    )
