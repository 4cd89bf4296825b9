"""What a store really does, found out with one canary; a source is only read.

Every canary lies under the reserved prefix, has a name of its own, and is removed again, versions too.
"""

import hashlib
import secrets
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from migration_assets.buckets.model import Attributes
from migration_assets.buckets.places import Capabilities
from migration_assets.buckets.s3.attributes import attributes_of, differing, headers_of
from migration_assets.buckets.s3.claims import Hashes, base64_of
from migration_assets.buckets.s3.flow import ATTEMPTS, Waits
from migration_assets.buckets.s3.listing import listed, parsed
from migration_assets.buckets.s3.serverside import copied
from migration_assets.buckets.s3.signing import UNSIGNED, Query
from migration_assets.buckets.s3.store import Damaged, Refused, Store
from migration_assets.buckets.s3.tidying import unfinished
from migration_assets.buckets.s3.wire import Answer
from migration_assets.buckets.s3.writing import Writing
from migration_assets.errors import MigrationError, Passing

Result = TypeVar("Result")

#: a canary as old as this is nobody's any more
LEFT = timedelta(hours=1)
_KEEPS = "keeps_"
BODY, OTHER = b"a canary of a migration\n", b"another canary\n"
#: what is no part's size and needs no second part
_PART = b"one part\n"
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
_TAGS = (("canary", "yes"),)
ODD = {
    "trailing_slash": "folder/",
    "double_slash": "a//b",
    "dots": "a/../b",
    "control_key": "bell\x07and\x1f",
    "plus_and_blank": "a+b c",
    "long_key": "",
}
_LONGEST = 1024
#: some servers answer 500 to what they cannot
_TRIED = 4
_SENTENCES = {
    "tags_by_header": "Tags are not kept.",
    "storage_class": "Storage classes other than STANDARD are not kept.",
    "trailing_slash": "Keys that end in a slash are refused.",
    "double_slash": "Keys with two slashes side by side are refused.",
    "dots": "Keys with `..` between slashes are refused.",
    "control_key": "Keys with control characters are refused, or lost from listings.",
    "plus_and_blank": "Keys with blanks or plus signs are listed as others.",
    "long_key": "Keys of 1,024 bytes are refused.",
    "keeps_metadata": "User metadata is not kept.",
}


@dataclass
class Canary:
    """Objects below one name, and all versions of them."""

    store: Store
    root: str
    writing: Writing
    made: list[str] = field(default_factory=list)

    def key(self, name: str) -> str:
        return self.root + name

    def put(
        self, name: str, body: bytes = BODY, payload: str | None = None, **headers: str
    ) -> tuple[str, Answer]:
        key = self.key(name)
        said = self.writing.headers() | {each.replace("_", "-"): value for each, value in headers.items()}
        self.made.append(key)
        signed = hashlib.sha256(body).hexdigest() if payload is None else payload
        answer = self.store.ask("PUT", key, (), said, [body], len(body), signed)
        answer.read()
        return answer.headers.get("etag", "").strip('"'), answer

    def body(self, name: str, query: Query = (), **headers: str) -> bytes:
        said = {each.replace("_", "-"): value for each, value in headers.items()}
        return self.store.ask("GET", self.key(name), query, said).read()

    def remove(self, versions: bool) -> None:
        """All that was made; where the bucket keeps versions, those and the delete markers."""
        made = [(key, "") for key in dict.fromkeys(self.made)]
        with suppress(MigrationError):
            if versions:
                found = listed(self.store, self.root, None, None, versions=True)
                made = [(each.key, each.version) for each in found]
        for key, version in made:
            with suppress(MigrationError):
                query = [("versionId", version)] if version else []
                self.store.ask("DELETE", key, query).read()


def target_capabilities(store: Store, reserved: str, writing: Writing) -> Capabilities:
    """ConnectionRefused or Refused where not even a plain object can be written.

    What would be lost is only believed when a second canary says so, too: the first one may have had a bad
    day, and what was kept once can be kept.
    """
    facts = _probed(store, reserved, writing)
    if lost := _losses(facts):
        again = _probed(store, reserved, writing)
        facts |= {name: again[name] for name in lost if again.get(name)}
    losses = _losses(facts)
    return Capabilities(facts, tuple(_SENTENCES.get(name) or _of_header(name) for name in losses))


def _of_header(fact: str) -> str:
    return f"The header {fact.removeprefix(_KEEPS)} is not kept."


def _losses(facts: dict[str, bool | str | int]) -> list[str]:
    names = [*_SENTENCES, *(f"{_KEEPS}{name}" for name in FULL.headers)]
    return [name for name in names if facts.get(name) is False]


def _probed(store: Store, reserved: str, writing: Writing) -> dict[str, bool | str | int]:
    facts: dict[str, bool | str | int] = {}
    with _canary(store, reserved, writing) as canary:
        _told(lambda: canary.put("plain"))
        etag, _ = _told(lambda: canary.put("plain"))
        facts["etag_is_md5"] = etag == _md5(BODY)
        facts["versioning"] = versioning_of(store)
        _hashes(canary, facts)
        _conditions(canary, facts, etag)
        _attributes(canary, facts)
        _tags(canary, facts)
        _keys(canary, facts)
        _parts(canary, facts)
        _copies(canary, facts)
    return facts


def source_capabilities(store: Store, prefix: str) -> Capabilities:
    """By reading the first object, where there is one."""
    facts: dict[str, bool | str | int] = {"versioning": versioning_of(store)}
    first = _told(lambda: next((each for each in listed(store, prefix, None, None) if each.size), None))
    if first is None:
        return Capabilities(facts)
    facts["if_match_get"] = _refuses(
        lambda: store.ask(
            "GET", first.key, (), {"if-match": f'"{_md5(OTHER)}"', "range": "bytes=0-0"}
        ).close()
    )
    facts["ranges"] = _holds(lambda: _length(store, first.key) == 1)
    facts["start_after"] = _holds(
        lambda: all(each.key > first.key for each in _some(store, prefix, first.key + "\0"))
    )
    return Capabilities(facts)


def _some(store: Store, prefix: str, lower: str):
    for number, each in enumerate(listed(store, prefix, lower, None)):
        if number == 10:
            return
        yield each


def _swept(store: Store, reserved: str) -> None:
    """Away with canaries that killed probes left; what cannot be removed now is left to the next one."""
    before = datetime.now(UTC) - LEFT
    with suppress(MigrationError, ValueError):
        for each in listed(store, f"{reserved}canary-", None, None):
            if datetime.fromisoformat(each.modified) < before:
                store.ask("DELETE", each.key).read()


@contextmanager
def _canary(store: Store, reserved: str, writing: Writing) -> Generator[Canary]:
    _swept(store, reserved)
    canary = Canary(store, f"{reserved}canary-{secrets.token_hex(6)}/", writing)
    try:
        yield canary
    finally:
        canary.remove(bool(versioning_of(store)))


def _hashes(canary: Canary, facts: dict[str, bool | str | int]) -> None:
    wrong = hashlib.sha256(OTHER)
    facts["content_md5_enforced"] = _refuses(lambda: canary.put("md5", content_md5=base64_of(_md5(OTHER))))
    facts["content_sha256_enforced"] = _refuses(lambda: canary.put("sha256", payload=wrong.hexdigest()))
    refuses = _refuses(lambda: canary.put("checksum", x_amz_checksum_sha256=base64_of(wrong.hexdigest())))
    right = Hashes(md5=False)
    right.update(BODY)
    facts["checksum_enforced"] = refuses and _holds(
        lambda: (
            canary.put("checksum", x_amz_checksum_sha256=right.sha256_base64)[1].headers.get(
                "x-amz-checksum-sha256"
            )
            == right.sha256_base64
        )
    )
    facts["unsigned_payload"] = _holds(
        lambda: canary.put("unsigned", payload=UNSIGNED)[0] != "" and canary.body("unsigned") == BODY
    )


def _conditions(canary: Canary, facts: dict[str, bool | str | int], etag: str) -> None:
    other = f'"{_md5(OTHER)}"'
    facts["if_none_match"] = _refuses(lambda: canary.put("plain", if_none_match="*")) and _holds(
        lambda: canary.put("none", if_none_match="*")[0] != ""
    )
    facts["if_match_put"] = _refuses(lambda: canary.put("plain", if_match=other)) and _holds(
        lambda: canary.put("plain", if_match=f'"{etag}"')[0] != ""
    )
    facts["if_match_get"] = _refuses(lambda: canary.body("plain", if_match=other))
    _told(lambda: canary.put("gone"))
    facts["if_match_delete"] = _refuses(
        lambda: canary.store.ask("DELETE", canary.key("gone"), (), {"if-match": other}).read()
    ) and _holds(lambda: canary.body("gone") == BODY)


def _attributes(canary: Canary, facts: dict[str, bool | str | int]) -> None:
    try:
        said = {name.replace("-", "_"): value for name, value in headers_of(FULL).items()}
        canary.put("full", BODY, None, **said)
        there = attributes_of(canary.store.ask("HEAD", canary.key("full")).headers)
        lost = differing(FULL, there)
    except Refused:
        lost = tuple(FULL.headers)
    for name in FULL.headers:
        facts[f"keeps_{name}"] = name not in lost
    facts["keeps_metadata"] = "metadata canary" not in lost

    def kept() -> bool:
        canary.put("class", x_amz_storage_class="STANDARD_IA")
        headers = canary.store.ask("HEAD", canary.key("class")).headers
        return headers.get("x-amz-storage-class") == "STANDARD_IA"

    facts["storage_class"] = _holds(kept)


def _tags(canary: Canary, facts: dict[str, bool | str | int]) -> None:
    def by_header() -> bool:
        canary.put("tags", x_amz_tagging="canary=yes")
        text = canary.store.ask("GET", canary.key("tags"), [("tagging", "")]).read()
        found = parsed(text, canary.store.shown).findtext(".//Tag/Value")
        return found == "yes" and canary.body("tags") == BODY

    def body_stays() -> bool:
        canary.put("tagged")
        text = b"<Tagging><TagSet><Tag><Key>canary</Key><Value>yes</Value></Tag></TagSet></Tagging>"
        said = {"content-md5": base64_of(_md5(text))}
        payload = hashlib.sha256(text).hexdigest()
        canary.store.ask(
            "PUT", canary.key("tagged"), [("tagging", "")], said, [text], len(text), payload
        ).read()
        return canary.body("tagged") == BODY

    facts["tags_by_header"] = _holds(by_header)
    facts["tagging_leaves_body"] = _holds(body_stays)


def _keys(canary: Canary, facts: dict[str, bool | str | int]) -> None:
    long = "k" * (_LONGEST - len(canary.root.encode()))
    for name, odd in ODD.items():
        asked = odd or long

        def kept(asked: str = asked) -> bool:
            canary.put(asked)
            key = canary.key(asked)
            found = {each.key for each in listed(canary.store, key, None, None)}
            return canary.body(asked) == BODY and key in found

        facts[name] = _holds(kept)
    keys = [each.key for each in _told(lambda: list(listed(canary.store, canary.root, None, None)))]
    after = _told(lambda: [each.key for each in listed(canary.store, canary.root, canary.key("m"), None)])
    facts["start_after"] = keys == sorted(keys) and after == [key for key in keys if key >= canary.key("m")]


def _parts(canary: Canary, facts: dict[str, bool | str | int]) -> None:
    """An upload of one part; what its ETag is, and who the store says has begun it."""
    store, key = canary.store, canary.key("parts")
    md5 = _md5(_PART)
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


def _copies(canary: Canary, facts: dict[str, bool | str | int]) -> None:
    store = canary.store

    def whole() -> bool:
        made = canary.key("copy")
        canary.made.append(made)
        copied(store, store.bucket, canary.key("plain"), made, _md5(BODY), headers={})
        return canary.body("copy") == BODY

    facts["copy"] = _holds(whole)


def versioning_of(store: Store) -> str:
    try:
        return (
            parsed(_told(lambda: store.ask("GET", query=[("versioning", "")]).read()), store.shown).findtext(
                "Status"
            )
            or ""
        )
    except (Refused, Passing):
        return ""


def _length(store: Store, key: str) -> int:
    return len(store.ask("GET", key, (), {"range": "bytes=0-0"}).read())


def _md5(body: bytes) -> str:
    return hashlib.md5(body, usedforsecurity=False).hexdigest()


def _told(work: Callable[[], Result], attempts: int = ATTEMPTS) -> Result:
    waits = Waits(attempts)
    while True:
        try:
            return work()
        except Damaged:
            raise
        except Passing as error:
            waits.wait(error)


def _refuses(work: Callable[[], object]) -> bool:
    """Whether the store refuses what it should; faults that stay are no refusal."""
    try:
        _told(work, _TRIED)
    except (Refused, Damaged):
        return True
    except Passing:
        return False
    return False


def _holds(work: Callable[[], bool]) -> bool:
    try:
        return _told(work, _TRIED)
    except (Refused, Passing):
        return False
