"""What a probe finds, and what would be lost."""

from collections import deque

from migration_assets.buckets.places import Capabilities
from migration_assets.buckets.s3.listing import listed
from migration_assets.buckets.s3.pool import side_by_side
from migration_assets.buckets.s3.probe.asking import holds, refuses, told, versioning_of
from migration_assets.buckets.s3.probe.canary import BODY, OTHER, a_canary, md5_of
from migration_assets.buckets.s3.probe.carried import (
    FULL,
    REDIRECT,
    acls,
    attributes,
    keys,
    lock,
    pages,
    tags,
)
from migration_assets.buckets.s3.probe.enforced import Facts, conditions, hashes
from migration_assets.buckets.s3.probe.uploads import copies, parts
from migration_assets.buckets.s3.store import Store
from migration_assets.buckets.s3.writing import Writing

_KEEPS = "keeps_"
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
    "object_lock": "Retention and legal hold are not kept: the bucket has no object lock.",
    "acl": "ACLs are not kept.",
}


def target_capabilities(store: Store, reserved: str, writing: Writing) -> Capabilities:
    """ConnectionRefused or Refused where not even a plain object can be written.

    What would be lost is only believed when a second canary says so, too: the first one may have had a bad
    day, and what was kept once can be kept.
    """
    facts = _probed(store, reserved, writing)
    if lost := _losses(facts, writing):
        again = _probed(store, reserved, writing)
        facts |= {name: again[name] for name in lost if again.get(name)}
    losses = _losses(facts, writing)
    return Capabilities(facts, tuple(_SENTENCES.get(name) or _of_header(name) for name in losses))


def _of_header(fact: str) -> str:
    return f"The header {fact.removeprefix(_KEEPS)} is not kept."


def _losses(facts: Facts, writing: Writing) -> list[str]:
    """What nobody asks to be kept is no loss."""
    names = [*_SENTENCES, *(f"{_KEEPS}{name}" for name in (*FULL.headers, REDIRECT))]
    asked = {"object_lock": "lock" in writing.keep, "acl": "acl" in writing.keep}
    return [name for name in names if facts.get(name) is False and asked.get(name, True)]


def _probed(store: Store, reserved: str, writing: Writing) -> Facts:
    facts: Facts = {}
    with a_canary(store, reserved, writing) as canary:
        told(lambda: canary.put("plain"))
        etag, _ = told(lambda: canary.put("plain"))
        facts["etag_is_md5"] = etag == md5_of(BODY)
        facts["versioning"] = versioning_of(store)
        # each has objects of its own; a far store takes as long for one question as for several at once
        asked = (
            lambda: hashes(canary, facts),
            lambda: conditions(canary, facts, etag),
            lambda: attributes(canary, facts),
            lambda: tags(canary, facts),
            lambda: lock(store, facts),
            lambda: acls(canary, facts) if "acl" in writing.keep else None,
            lambda: keys(canary, facts),
            lambda: parts(canary, facts),
        )
        deque(side_by_side(lambda ask: (ask(),), asked, len(asked)), maxlen=0)
        copies(canary, facts)
        pages(canary, facts)
    return facts


def source_capabilities(store: Store, prefix: str) -> Capabilities:
    """By reading the first object, where there is one."""
    facts: Facts = {"versioning": versioning_of(store)}
    first = told(lambda: next((each for each in listed(store, prefix, None, None) if each.size), None))
    if first is None:
        return Capabilities(facts)
    facts["if_match_get"] = refuses(
        lambda: store.ask(
            "GET", first.key, (), {"if-match": f'"{md5_of(OTHER)}"', "range": "bytes=0-0"}
        ).close()
    )
    facts["ranges"] = holds(lambda: _length(store, first.key) == 1)
    facts["start_after"] = holds(
        lambda: all(each.key > first.key for each in _some(store, prefix, first.key + "\0"))
    )
    return Capabilities(facts)


def _some(store: Store, prefix: str, lower: str):
    for number, each in enumerate(listed(store, prefix, lower, None)):
        if number == 10:
            return
        yield each


def _length(store: Store, key: str) -> int:
    return len(store.ask("GET", key, (), {"range": "bytes=0-0"}).read())
