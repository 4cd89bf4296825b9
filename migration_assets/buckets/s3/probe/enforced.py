"""What a store holds a request to: hashes of the body, conditions on what is there."""

import hashlib

from migration_assets.buckets.s3.claims import Hashes, base64_of
from migration_assets.buckets.s3.probe.asking import holds, refuses, told
from migration_assets.buckets.s3.probe.canary import BODY, OTHER, Canary, md5_of
from migration_assets.buckets.s3.signing import UNSIGNED

Facts = dict[str, bool | str | int]


def hashes(canary: Canary, facts: Facts) -> None:
    wrong = hashlib.sha256(OTHER)
    facts["content_md5_enforced"] = refuses(lambda: canary.put("md5", content_md5=base64_of(md5_of(OTHER))))
    facts["content_sha256_enforced"] = refuses(lambda: canary.put("sha256", payload=wrong.hexdigest()))
    refused = refuses(lambda: canary.put("checksum", x_amz_checksum_sha256=base64_of(wrong.hexdigest())))
    right = Hashes(md5=False)
    right.update(BODY)
    facts["checksum_enforced"] = refused and holds(
        lambda: (
            canary.put("checksum", x_amz_checksum_sha256=right.sha256_base64)[1].headers.get(
                "x-amz-checksum-sha256"
            )
            == right.sha256_base64
        )
    )
    facts["unsigned_payload"] = holds(
        lambda: canary.put("unsigned", payload=UNSIGNED)[0] != "" and canary.body("unsigned") == BODY
    )


def conditions(canary: Canary, facts: Facts, etag: str) -> None:
    other = f'"{md5_of(OTHER)}"'
    facts["if_none_match"] = refuses(lambda: canary.put("plain", if_none_match="*")) and holds(
        lambda: canary.put("none", if_none_match="*")[0] != ""
    )
    facts["if_match_put"] = refuses(lambda: canary.put("plain", if_match=other)) and holds(
        lambda: canary.put("plain", if_match=f'"{etag}"')[0] != ""
    )
    facts["if_match_get"] = refuses(lambda: canary.body("plain", if_match=other))
    told(lambda: canary.put("gone"))
    facts["if_match_delete"] = refuses(
        lambda: canary.store.ask("DELETE", canary.key("gone"), (), {"if-match": other}).read()
    ) and holds(lambda: canary.body("gone") == BODY)
