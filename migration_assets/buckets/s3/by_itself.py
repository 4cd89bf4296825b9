"""An object that its store copies by itself, where both sides are one store and one account."""

from migration_assets.buckets.model import Moved, There
from migration_assets.buckets.s3.attributes import headers_of
from migration_assets.buckets.s3.layout import LARGEST_PUT, MIB, is_md5
from migration_assets.buckets.s3.proof import standing
from migration_assets.buckets.s3.server import Lost
from migration_assets.buckets.s3.serverside import copied
from migration_assets.buckets.s3.signing import Query
from migration_assets.buckets.s3.source import S3Source
from migration_assets.buckets.s3.store import Conflict, Refused, Store
from migration_assets.buckets.s3.way import conditions
from migration_assets.buckets.s3.work import Tools, Work

#: bytes below which the requests cost more than the bytes
LEAST = MIB


def by_itself(work: Work, tools: Tools) -> Moved | None:
    """None where the store does not, or its ETag does not prove it: then the bytes go through here.

    The ETag of the copy is the MD5 that the store makes of it, and has to be that of the listing: it says
    that the copy is whole and of the object that was meant.
    """
    source = tools.source
    if not isinstance(source, S3Source) or not _may(work, tools):
        return None
    attributes = work.decision.attributes or source.attributes(work.found)
    wanted, work.dropped = tools.writing.wanted(attributes, tools.facts)
    headers = headers_of(wanted) | tools.writing.headers() | conditions(tools.facts, work.before, work.ours)
    _look(work, tools)
    headers |= {"x-amz-metadata-directive": "REPLACE", "x-amz-tagging-directive": "REPLACE"}
    try:
        made, version = copied(
            tools.target,
            source.store.bucket,
            work.found.key,
            work.key,
            work.found.etag,
            version=work.found.version,
            headers=headers,
        )
    except Lost as error:
        work.lost = work.lost or error.sent
        raise
    except Refused:
        # a right that is missing, or something changed: which of them shows where the bytes go through here
        return None
    there = standing(tools.target, work.key, version)
    if there and there.etag == made == work.found.etag and there.size == work.found.size:
        return work.moved(There(work.key, there.size, there.etag, version), "etag")
    work.ours, work.ours_version = (there.etag if there else ""), version
    return None


def _look(work: Work, tools: Tools) -> None:
    """Not every store that holds writes to their conditions does so with copies."""
    if tools.facts.get("copy_on_condition"):
        return
    there = standing(tools.target, work.key)
    if (there.etag if there else None) != work.before:
        raise Conflict(f"{tools.target.shown}: somebody else was faster.", "", 412)


def one_store(tools: Tools) -> Store | None:
    """The source's, where it is the target's, too, of one account, and copies."""
    source = tools.source
    if not isinstance(source, S3Source) or source.store.account != tools.target.account:
        return None
    return source.store if tools.facts.get("copy") and tools.facts.get("etag_is_md5") else None


def part_by_itself(work: Work, tools: Tools, query: Query, start: int, size: int) -> str:
    """The part's ETag; empty where the store does not."""
    store = one_store(tools)
    if not store or work.hash_here or not tools.facts.get("copy_part"):
        return ""
    headers = {"x-amz-copy-source-range": f"bytes={start}-{start + size - 1}"}
    try:
        made, _ = copied(
            tools.target,
            store.bucket,
            work.found.key,
            work.key,
            work.found.etag,
            version=work.found.version,
            headers=headers,
            query=query,
        )
    except Refused:
        return ""
    return made


def _may(work: Work, tools: Tools) -> bool:
    return (
        one_store(tools) is not None
        and is_md5(work.found.etag)
        and LEAST <= work.found.size <= LARGEST_PUT
        and not work.ours
        and not work.lost
    )
