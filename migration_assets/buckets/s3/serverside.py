"""Copies that a server makes by itself."""

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from xml.sax.saxutils import escape

from migration_assets.buckets.model import Attributes, Found, There
from migration_assets.buckets.s3.attributes import attributes_of, headers_of, tag_count, tags_of
from migration_assets.buckets.s3.flow import Waits
from migration_assets.buckets.s3.grants import grants_of
from migration_assets.buckets.s3.layout import LARGEST_PUT, MIB, MOST_PARTS, can_be_made, layout, uniform
from migration_assets.buckets.s3.listing import parsed
from migration_assets.buckets.s3.proof import digest, standing
from migration_assets.buckets.s3.signing import Query, path_of
from migration_assets.buckets.s3.store import Conflict, Damaged, Store, code_in, version_in
from migration_assets.errors import MigrationError, Passing

#: bytes of a part where there is no layout to follow: none of them goes over the wire
PART = 512 * MIB
SIDE_BY_SIDE = 4
_REDIRECT = "x-amz-website-redirect-location"


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
    _refuse_an_error(store, text)
    made = (parsed(text, store.shown).findtext("ETag") or "").strip('"')
    return made, version_in(answer.headers)


def copy_within(
    store: Store, key: str, target: str, etag: str, *, over: bool = False, acl: bool = False
) -> There:
    """A copy in one bucket, its attributes as they are, proven; the original is still that of this ETag.

    Its ACL goes with it where that is asked for. `over`: something is there, whose tags some servers leave
    unless others are said."""
    head = store.ask("HEAD", key).headers
    attributes = replace(attributes_of(head), lock={}, acl=grants_of(store, key)[0] if acl else ())
    size = int(head.get("content-length", "0"))
    if (over or size > LARGEST_PUT) and tag_count(head):
        attributes = replace(attributes, tags=tags_of(store, key, ""))
    if size > LARGEST_PUT:
        made, version = _in_parts(store, key, target, Found(key, size, etag, ""), attributes)
    else:
        headers = _besides(attributes) | ({"x-amz-tagging-directive": "REPLACE"} if over else {})
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


def _besides(attributes: Attributes) -> dict[str, str]:
    """What a copy has not of its original by itself, as it has content headers and metadata."""
    kept = {_REDIRECT: attributes.headers[_REDIRECT]} if _REDIRECT in attributes.headers else {}
    return headers_of(replace(attributes, headers=kept, metadata={}))


def _in_parts(store: Store, key: str, target: str, found: Found, attributes: Attributes) -> tuple[str, str]:
    """ETag (where it is told) and version; in the parts that the original has, so that it has its ETag."""
    answer = store.ask("POST", target, [("uploads", "")], headers_of(attributes))
    upload = parsed(answer.read(), store.shown).findtext("UploadId") or ""
    try:
        sizes = layout(store, found, True) or ()
        if not can_be_made(sizes) or sum(sizes) != found.size:
            sizes = uniform(found.size, max(PART, -(-found.size // MOST_PARTS)))
        etags = _parts(store, key, target, found, upload, sizes)
        return _completed(store, target, upload, etags)
    except BaseException:
        with suppress(MigrationError):
            store.ask("DELETE", target, [("uploadId", upload)]).read()
        raise


def _parts(store: Store, key: str, target: str, found: Found, upload: str, sizes: Sequence[int]) -> list[str]:
    starts = [0]
    for size in sizes[:-1]:
        starts.append(starts[-1] + size)

    def one(number: int, start: int, size: int) -> str:
        query = [("partNumber", str(number)), ("uploadId", upload)]
        headers = {"x-amz-copy-source-range": f"bytes={start}-{start + size - 1}"}
        waits = Waits()
        while True:
            try:
                return copied(store, store.bucket, key, target, found.etag, headers=headers, query=query)[0]
            except Passing as error:
                waits.wait(error)

    with ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="copies") as crew:
        return list(crew.map(one, range(1, len(sizes) + 1), starts, sizes))


def _completed(store: Store, target: str, upload: str, etags: Sequence[str]) -> tuple[str, str]:
    rows = "".join(
        f"<Part><PartNumber>{number}</PartNumber><ETag>{escape(etag)}</ETag></Part>"
        for number, etag in enumerate(etags, start=1)
    )
    text = f"<CompleteMultipartUpload>{rows}</CompleteMultipartUpload>".encode()
    payload = hashlib.sha256(text).hexdigest()
    answer = store.ask("POST", target, [("uploadId", upload)], {}, [text], len(text), payload)
    said = answer.read()
    _refuse_an_error(store, said)
    return (parsed(said, store.shown).findtext("ETag") or "").strip('"'), version_in(answer.headers)


def _refuse_an_error(store: Store, text: bytes) -> None:
    if code := code_in(text):
        raise Passing(
            f"{store.shown} did not finish a copy ({code}).",
            advice="Run the same command again.",
            cause="storage",
        )
