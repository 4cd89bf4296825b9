"""Uploads in parts, and copies that a store makes by itself."""

import hashlib

from migration_assets.buckets.s3.listing import parsed
from migration_assets.buckets.s3.probe.asking import holds
from migration_assets.buckets.s3.probe.canary import BODY, Canary, md5_of
from migration_assets.buckets.s3.probe.enforced import Facts
from migration_assets.buckets.s3.serverside import copied
from migration_assets.buckets.s3.store import Damaged, Refused
from migration_assets.buckets.s3.tidying import unfinished

#: what is no part's size and needs no second part
_PART = b"one part\n"


def parts(canary: Canary, facts: Facts) -> None:
    """An upload of one part; what its ETag is, and who the store says has begun it."""
    store, key = canary.store, canary.key("parts")
    md5 = md5_of(_PART)
    try:
        answer = store.ask("POST", key, [("uploads", "")], canary.writing.headers())
        upload = parsed(answer.read(), store.shown).findtext("UploadId") or ""
        ours = [each for each in unfinished(store, key) if each.upload == upload]
        facts["lists_uploads"] = bool(ours)
        if ours:
            facts["initiator"] = ours[0].initiator
        query = [("partNumber", "1"), ("uploadId", upload)]
        store.ask("PUT", key, query, {}, [_PART], len(_PART), hashlib.sha256(_PART).hexdigest()).read()
        text = (
            "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber>"
            f"<ETag>{md5}</ETag></Part></CompleteMultipartUpload>"
        ).encode()
        canary.made.append(key)
        done = store.ask(
            "POST", key, [("uploadId", upload)], {}, [text], len(text), hashlib.sha256(text).hexdigest()
        )
        done.read()
        etag = store.ask("HEAD", key).headers.get("etag", "").strip('"')
        composite = hashlib.md5(bytes.fromhex(md5), usedforsecurity=False).hexdigest() + "-1"
        facts["parts_etag"] = "composite" if etag == composite else "whole" if etag == md5 else "other"
        head = store.ask("HEAD", key, [("partNumber", "1")]).headers
        facts["head_part"] = head.get("x-amz-mp-parts-count") == "1"
    except (Refused, Damaged):
        facts.setdefault("parts_etag", "refused")


def copies(canary: Canary, facts: Facts) -> None:
    store = canary.store

    def whole() -> bool:
        made = canary.key("copy")
        canary.made.append(made)
        copied(store, store.bucket, canary.key("plain"), made, md5_of(BODY), headers={})
        return canary.body("copy") == BODY

    facts["copy"] = holds(whole)
