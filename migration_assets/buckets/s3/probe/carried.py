"""What a store keeps of an object besides its bytes, and the keys that it keeps as they are."""

import hashlib

from migration_assets.buckets.model import Attributes
from migration_assets.buckets.s3.attributes import attributes_of, differing, headers_of
from migration_assets.buckets.s3.claims import base64_of
from migration_assets.buckets.s3.grants import grants_of
from migration_assets.buckets.s3.listing import listed, parsed
from migration_assets.buckets.s3.probe.asking import TRIED, holds, told
from migration_assets.buckets.s3.probe.canary import BODY, Canary, md5_of
from migration_assets.buckets.s3.probe.enforced import Facts
from migration_assets.buckets.s3.store import Refused, Store
from migration_assets.errors import Passing

FULL = Attributes(
    headers={
        "content-type": "text/x-canary",
        "content-encoding": "x-canary",
        "content-disposition": 'attachment; filename="canary"',
        "content-language": "en",
        "cache-control": "no-cache",
        "expires": "Thu, 01 Jan 2037 00:00:00 GMT",
    },
    metadata={"canary": "yes"},
)
REDIRECT = "x-amz-website-redirect-location"
ODD = {
    "trailing_slash": "folder/",
    "double_slash": "a//b",
    "dots": "a/../b",
    "control_key": "bell\x07and\x1f",
    "plus_and_blank": "a+b c",
    "long_key": "",
}
_LONGEST = 1024


def attributes(canary: Canary, facts: Facts) -> None:
    """All at once; each by itself where a store refuses them for one of theirs."""
    lost = _lost(canary, "full", FULL)
    if lost is None:
        alone = {name: Attributes(headers={name: value}) for name, value in FULL.headers.items()}
        alone["metadata canary"] = Attributes(metadata=FULL.metadata)
        lost = tuple(name for name, one in alone.items() if _lost(canary, f"only {name}", one) != ())
    for name in FULL.headers:
        facts[f"keeps_{name}"] = name not in lost
    facts["keeps_metadata"] = "metadata canary" not in lost
    # some stores answer 501 to this one
    facts[f"keeps_{REDIRECT}"] = _lost(canary, "elsewhere", Attributes({REDIRECT: "/canary"})) == ()

    def kept() -> bool:
        canary.put("class", x_amz_storage_class="STANDARD_IA")
        headers = canary.store.ask("HEAD", canary.key("class")).headers
        return headers.get("x-amz-storage-class") == "STANDARD_IA"

    facts["storage_class"] = holds(kept)


def _lost(canary: Canary, name: str, wanted: Attributes) -> tuple[str, ...] | None:
    """Names of what was not kept; None where the store refuses to."""

    def there() -> Attributes:
        said = {each.replace("-", "_"): value for each, value in headers_of(wanted).items()}
        canary.put(name, BODY, None, **said)
        return attributes_of(canary.store.ask("HEAD", canary.key(name)).headers)

    try:
        return differing(wanted, told(there, TRIED))
    except Refused:
        return None


def tags(canary: Canary, facts: Facts) -> None:
    def by_header() -> bool:
        canary.put("tags", x_amz_tagging="canary=yes")
        text = canary.store.ask("GET", canary.key("tags"), [("tagging", "")]).read()
        found = parsed(text, canary.store.shown).findtext(".//Tag/Value")
        return found == "yes" and canary.body("tags") == BODY

    def body_stays() -> bool:
        canary.put("tagged")
        text = b"<Tagging><TagSet><Tag><Key>canary</Key><Value>yes</Value></Tag></TagSet></Tagging>"
        said = {"content-md5": base64_of(md5_of(text))}
        payload = hashlib.sha256(text).hexdigest()
        canary.store.ask(
            "PUT", canary.key("tagged"), [("tagging", "")], said, [text], len(text), payload
        ).read()
        return canary.body("tagged") == BODY

    facts["tags_by_header"] = holds(by_header)
    facts["tagging_leaves_body"] = holds(body_stays)


def acls(canary: Canary, facts: Facts) -> None:
    """Grants by header: to the owner, who has them anyway."""

    def kept() -> bool:
        _, owner = grants_of(canary.store, canary.key("plain"), attempts=1)
        facts["owner"] = owner
        if not owner:
            return False
        canary.put("granted", x_amz_grant_read=f'id="{owner}"')
        grants, _ = grants_of(canary.store, canary.key("granted"), attempts=1)
        return ("READ", f'id="{owner}"') in grants and canary.body("granted") == BODY

    facts["acl"] = holds(kept)


def lock(store: Store, facts: Facts) -> None:
    """The bucket's own word, for a canary that is locked stays. No fact where nobody may ask."""
    try:
        text = told(lambda: store.ask("GET", query=[("object-lock", "")]).read(), TRIED)
        facts["object_lock"] = parsed(text, store.shown).findtext("ObjectLockEnabled") == "Enabled"
    except Refused as refused:
        if refused.status != 403:
            facts["object_lock"] = False
    except Passing:
        pass


def keys(canary: Canary, facts: Facts) -> None:
    long = "k" * (_LONGEST - len(canary.root.encode()))
    for name, odd in ODD.items():
        asked = odd or long

        def kept(asked: str = asked) -> bool:
            canary.put(asked)
            key = canary.key(asked)
            found = {each.key for each in listed(canary.store, key, None, None)}
            return canary.body(asked) == BODY and key in found

        facts[name] = holds(kept)


def pages(canary: Canary, facts: Facts) -> None:
    """Whether a listing is in the order of keys' bytes, and begins where it is told to; nobody writes now."""
    keys = [each.key for each in told(lambda: list(listed(canary.store, canary.root, None, None)))]
    after = told(lambda: [each.key for each in listed(canary.store, canary.root, canary.key("m"), None)])
    facts["start_after"] = keys == sorted(keys) and after == [key for key in keys if key >= canary.key("m")]
