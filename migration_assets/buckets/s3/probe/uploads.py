"""Uploads in parts, and copies that a store makes by itself."""

import hashlib
from contextlib import suppress

from migration_assets.buckets.s3.claims import base64_of
from migration_assets.buckets.s3.listing import parsed
from migration_assets.buckets.s3.probe.asking import TRIED, holds, refuses, told
from migration_assets.buckets.s3.probe.canary import BODY, OTHER, Canary, md5_of
from migration_assets.buckets.s3.probe.enforced import Facts
from migration_assets.buckets.s3.serverside import copied
from migration_assets.buckets.s3.store import Damaged, Missing, Refused, code_in
from migration_assets.buckets.s3.tidying import tidied, unfinished
from migration_assets.errors import MigrationError, Passing

#: what is no part's size and needs no second part
_PART = b"one part\n"


def parts(canary: Canary, facts: Facts) -> None:
    """An upload of one part; what its ETag is, and who the store says has begun it."""
    try:
        told(lambda: _one_part(canary, facts), TRIED)
    except (Refused, Damaged):
        facts.setdefault("parts_etag", "refused")


def _one_part(canary: Canary, facts: Facts) -> None:
    store, key = canary.store, canary.key("parts")
    canary.made.append(key)
    try:
        _uploaded(canary, facts, key)
    except Missing:
        raise Passing(f"{store.shown} has lost an upload, or another run has ended it.") from None
    except BaseException:
        with suppress(MigrationError):
            tidied(store, key, None, None, str(facts.get("initiator", "")))
        raise
    etag, md5 = store.ask("HEAD", key).headers.get("etag", "").strip('"'), md5_of(_PART)
    composite = hashlib.md5(bytes.fromhex(md5), usedforsecurity=False).hexdigest() + "-1"
    facts["parts_etag"] = "composite" if etag == composite else "whole" if etag == md5 else "other"
    head = store.ask("HEAD", key, [("partNumber", "1")]).headers
    facts["head_part"] = head.get("x-amz-mp-parts-count") == "1"


def _uploaded(canary: Canary, facts: Facts, key: str) -> None:
    store = canary.store
    answer = store.ask("POST", key, [("uploads", "")], canary.writing.headers())
    upload = parsed(answer.read(), store.shown).findtext("UploadId") or ""
    ours = [each for each in unfinished(store, key) if each.upload == upload]
    facts["lists_uploads"] = bool(ours)
    if ours:
        facts["initiator"] = ours[0].initiator
    query = [("partNumber", "1"), ("uploadId", upload)]
    said = {"content-md5": base64_of(md5_of(_PART))}
    store.ask("PUT", key, query, said, [_PART], len(_PART), hashlib.sha256(_PART).hexdigest()).read()
    text = (
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber>"
        f"<ETag>{md5_of(_PART)}</ETag></Part></CompleteMultipartUpload>"
    ).encode()
    said = hashlib.sha256(text).hexdigest()
    done = store.ask("POST", key, [("uploadId", upload)], {}, [text], len(text), said)
    if code := code_in(done.read()):
        raise Passing(f"{store.shown} did not finish an upload ({code}).", cause="storage")


def copies(canary: Canary, facts: Facts) -> None:
    store = canary.store

    def whole() -> bool:
        made = canary.key("copy")
        canary.made.append(made)
        copied(store, store.bucket, canary.key("plain"), made, md5_of(BODY), headers={})
        return canary.body("copy") == BODY

    def part() -> bool:
        """Of a range; nothing of it stays."""
        key = canary.key("copied in parts")
        begun = store.ask("POST", key, [("uploads", "")], canary.writing.headers()).read()
        upload = parsed(begun, store.shown).findtext("UploadId") or ""
        query = [("partNumber", "1"), ("uploadId", upload)]
        headers = {"x-amz-copy-source-range": "bytes=0-4"}
        plain = canary.key("plain")
        try:
            made, _ = copied(store, store.bucket, plain, key, md5_of(BODY), headers=headers, query=query)
            return made == md5_of(BODY[:5])
        finally:
            with suppress(MigrationError):
                store.ask("DELETE", key, [("uploadId", upload)]).read()

    def onto(headers: dict[str, str]) -> None:
        copied(store, store.bucket, canary.key("plain"), canary.key("copy"), md5_of(BODY), headers=headers)

    copies = facts["copy"] = holds(whole)
    facts["copy_part"] = copies and holds(part)
    facts["copy_on_condition"] = copies and all(
        refuses(lambda said=said: onto(said))
        for said in ({"if-none-match": "*"}, {"if-match": f'"{md5_of(OTHER)}"'})
    )
