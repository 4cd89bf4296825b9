"""Ends uploads in parts that dead runs left."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote_plus

from migration_assets.buckets.s3.flow import Waits
from migration_assets.buckets.s3.listing import in_a_circle, parsed
from migration_assets.buckets.s3.store import Missing, Store
from migration_assets.errors import Passing

#: an upload of the migration's own that has not ended by then is nobody's any more
OLD = timedelta(hours=1)


@dataclass(frozen=True)
class Unfinished:
    key: str
    upload: str
    initiator: str
    begun: str = ""


def tidied(
    store: Store, prefix: str, lower: str | None, upper: str | None, initiator: str, reserved: str = ""
) -> int:
    """How many there were, of keys from `lower` up to `upper`, begun by this account.

    Under the reserved prefix other partitions' runs may be at work: there only what is old is ended."""
    ours = [
        each
        for each in unfinished(store, prefix)
        if (lower is None or each.key >= lower)
        and (upper is None or each.key < upper)
        and (not initiator or not each.initiator or each.initiator == initiator)
        and not (reserved and each.key.startswith(reserved) and _is_young(each.begun))
    ]
    for each in ours:
        waits = Waits()
        while True:
            try:
                store.ask("DELETE", each.key, [("uploadId", each.upload)]).read()
                break
            except Missing:
                break
            except Passing as error:
                waits.wait(error)
    return len(ours)


def unfinished(store: Store, prefix: str) -> Iterator[Unfinished]:
    query = [("uploads", ""), ("encoding-type", "url"), ("prefix", prefix)]
    marker: list[tuple[str, str]] = []
    waits = Waits()
    while True:
        try:
            page = parsed(store.ask("GET", query=[*query, *marker]).read(), store.shown)
        except Passing as error:
            waits.wait(error)
            continue
        encoded = page.findtext("EncodingType") == "url"
        for each in page.iterfind("Upload"):
            key = each.findtext("Key") or ""
            key = unquote_plus(key, errors="surrogateescape") if encoded else key
            if key.startswith(prefix):  # not every server looks at the prefix
                yield Unfinished(
                    key,
                    each.findtext("UploadId") or "",
                    _initiator(each.findtext("Initiator/ID")),
                    each.findtext("Initiated") or "",
                )
        following = page.findtext("NextKeyMarker") or ""
        if page.findtext("IsTruncated") != "true" or not following:
            return
        before, marker = (
            marker,
            [
                (
                    "key-marker",
                    unquote_plus(following, errors="surrogateescape") if encoded else following,
                ),
                ("upload-id-marker", page.findtext("NextUploadIdMarker") or ""),
            ],
        )
        if marker == before:
            raise in_a_circle(store)


def _is_young(begun: str) -> bool:
    try:
        return datetime.now(UTC) - datetime.fromisoformat(begun) < OLD
    except (ValueError, TypeError):
        return False


def _initiator(said: str | None) -> str:
    """A role's, without the name of its session."""
    parts = (said or "").split("/")
    return "/".join(parts[:2]) if ":assumed-role" in parts[0] else said or ""
