"""Copies that a server makes by itself."""

from migration_assets.buckets.model import There
from migration_assets.buckets.s3.attributes import attributes_of
from migration_assets.buckets.s3.listing import parsed
from migration_assets.buckets.s3.proof import digest, standing
from migration_assets.buckets.s3.signing import Query, path_of
from migration_assets.buckets.s3.store import Conflict, Damaged, Store, code_in, version_in
from migration_assets.errors import Passing


def copied(
    store: Store,
    bucket: str,
    key: str,
    target: str,
    etag: str,
    *,
    version: str = "",
    headers: dict[str, str],
    query: Query = (),
) -> tuple[str, str]:
    """ETag and version of the copy, or a part's ETag; Conflict where the original has another ETag."""
    source = f"/{bucket}/{path_of(key)}" + (f"?versionId={version}" if version else "")
    said = {"x-amz-copy-source": source, "x-amz-copy-source-if-match": f'"{etag}"', **headers}
    answer = store.ask("PUT", target, query, said)
    text = answer.read()
    if code := code_in(text):
        raise Passing(
            f"{store.shown} did not finish a copy ({code}).",
            advice="Run the same command again.",
            cause="storage",
        )
    made = (parsed(text, store.shown).findtext("ETag") or "").strip('"')
    return made, version_in(answer.headers)


def copy_within(store: Store, key: str, target: str, etag: str) -> There:
    """A copy in one bucket, its attributes as they are, proven; the original is still that of this ETag."""
    head = store.ask("HEAD", key).headers
    storage_class = attributes_of(head).storage_class
    headers = {"x-amz-storage-class": storage_class} if storage_class else {}
    made, version = copied(store, store.bucket, key, target, etag, headers=headers)
    there = standing(store, target)
    now = standing(store, key)
    # not every server looks at the condition of a copy
    if now is None or now.etag != etag:
        raise Conflict(f"{store.shown}: somebody else was faster.", "", 412)
    if there is None or there.size != now.size or (made and there.etag != made):
        raise Damaged(f"{store.shown} did not copy an object as it is.")
    if there.etag != etag and digest(store, there) != digest(store, now):
        raise Damaged(f"{store.shown} did not copy an object as it is.")
    return There(target, there.size, there.etag, version)
