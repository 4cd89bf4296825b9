"""What an overwritten object was: its version where the bucket keeps versions, else a copy beside."""

from migration_assets.buckets.model import There
from migration_assets.buckets.s3.keeping import VERSION, kept_at
from migration_assets.buckets.s3.layout import LARGEST_PUT
from migration_assets.buckets.s3.proof import standing
from migration_assets.buckets.s3.serverside import copy_within
from migration_assets.buckets.s3.store import Conflict, Refused
from migration_assets.buckets.s3.work import Tools


def keep(before: There, tools: Tools) -> str:
    """`version:<id>` or the copy's key; Conflict where it is not what it was any more."""
    store = tools.target
    there = standing(store, before.key)
    if there is None or there.etag != before.etag:
        raise Conflict(f"{store.shown}: somebody else was faster.", "", 412)
    if tools.facts.get("versioning") == "Enabled" and there.version:
        return VERSION + there.version
    if there.size > LARGEST_PUT and not tools.facts.get("copy_part"):
        raise Refused(
            f"{store.shown} would overwrite an object of more than 5 GiB, and can neither keep its version "
            "nor copy it.",
            "",
            0,
        )
    key = kept_at(tools.reserved, there)
    copy_within(store, before.key, key, there.etag, acl=bool(tools.facts.get("acl")))
    return key
