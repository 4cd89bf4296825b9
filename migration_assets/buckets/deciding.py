"""What becomes of one object: a truth table, pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from migration_assets.buckets.model import Decision, Found, There

Conflict = Literal["skip_equal", "refuse", "overwrite", "keep_both"]
#: whether the target holds the same bytes: `unknown` where neither its listing nor a record tells
Equal = Literal["yes", "no", "unknown"]

#: classes whose bytes cannot be read before somebody restores them
ARCHIVED = frozenset({"GLACIER", "DEEP_ARCHIVE"})
#: bytes of a key in S3
LONGEST_KEY = 1024

SKIP_EQUAL = "the target holds the same bytes"
SKIP_STANDS = "an earlier run has moved this version"


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of one object when it is decided."""

    found: Found
    #: the key on the target; empty where its expression gave none
    target: str
    there: There | None = None
    equal: Equal = "no"
    #: whether a record says that this migration wrote what is there, and it is unchanged
    ours: bool = False
    #: whether the source was written again since, or the contract says that it carries something else
    renewed: bool = False
    #: whether it is a delete marker, or a version that is not the newest, and this migration has moved it
    stands: bool = False
    #: another object of the partition that goes to the same key; empty: none
    collides: str = ""
    #: why the expressions give nothing that can be used; empty: they do
    fault: str = ""
    #: why the target needs it not: an index that it makes for itself; empty: it does
    skip: str = ""
    format: str = ""
    package: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """What holds for every object of a contract."""

    conflict: Conflict
    #: bytes; None: no limit
    largest: int | None = None
    #: bytes of a key on the target; None: no limit
    longest_key: int | None = LONGEST_KEY
    #: what a key beside one that is taken ends in
    beside: str = ".migrated"


def decided(seen: Seen, rule: Rule) -> Decision:
    """
    the first of these that holds                            action    reason
    an index that the target makes for itself                skip      which
    the expressions give nothing that can be used            refuse    which
    no key on the target, one too long, with a NUL           refuse    so
    another object goes to the same key                      refuse    which
    archived                                                 refuse    restore it first
    larger than the target takes                             refuse    so
    a version or marker that was moved, not the newest       skip      moved before
    nothing there                                            copy
    a delete marker                                          copy
    there by us, and the source was written again            copy      (newer)
    the same bytes there, by us or not, unless `refuse`      skip      equal
    there by us, unchanged, and the source is another        copy      (newer)
    there, not by us, `refuse`                               refuse    taken
    there, `skip_equal`, not the same                        refuse    another object is there
    there, `skip_equal`, nobody can tell                     refuse    nobody can tell; overwrite or keep both
    there, `overwrite`                                       copy      (over what is there)
    there, `keep_both`                                       copy      (beside what is there)
    """
    if seen.skip:
        return _decision(seen, "skip", seen.skip)
    if refusal := _unusable(seen, rule):
        return _decision(seen, "refuse", refusal)
    if seen.stands:
        return _decision(seen, "skip", SKIP_STANDS)
    if seen.there is None or seen.found.marker:
        return _decision(seen, "copy", "")
    if seen.ours and seen.renewed:
        return _decision(seen, "copy", "the source or its contract is newer than what was moved")
    if seen.equal == "yes" and (rule.conflict != "refuse" or seen.ours):
        return _decision(seen, "skip", SKIP_EQUAL)
    if seen.ours:
        return _decision(seen, "copy", "the source is newer than what was moved")
    match rule.conflict:
        case "overwrite":
            return _decision(seen, "copy", "over what is there")
        case "keep_both":
            return _decision(seen, "copy", "beside what is there", f"{seen.target}{rule.beside}")
        case "refuse":
            return _decision(seen, "refuse", "the target has an object of this key already")
        case _:
            return _decision(seen, "refuse", _DIFFERENT[seen.equal])


_DIFFERENT: Mapping[str, str] = {
    "no": "the target has another object of this key",
    "unknown": "the target has an object of this key and size, and nothing proves it the same",
    "yes": "",
}


def _unusable(seen: Seen, rule: Rule) -> str:
    found = seen.found
    if seen.fault:
        return seen.fault
    if not seen.target or "\0" in seen.target:
        return "its key on the target is empty or holds a NUL"
    if rule.longest_key and len(seen.target.encode("utf-8", "surrogatepass")) > rule.longest_key:
        return f"its key on the target is longer than {rule.longest_key:,} bytes"
    if seen.collides:
        return f"it would go to the same key as {seen.collides}"
    if found.storage_class in ARCHIVED and not found.restored:
        return f"it is archived ({found.storage_class}); restore it, then run again"
    if rule.largest is not None and found.size > rule.largest:
        return f"it is larger than the {rule.largest:,} bytes that the target takes"
    return ""


def _decision(
    seen: Seen, action: Literal["copy", "skip", "refuse"], reason: str, target: str = ""
) -> Decision:
    return Decision(
        seen.found,
        action,
        reason,
        target or seen.target,
        seen.there if not target else None,
        format=seen.format,
        package=seen.package or {},
    )


def equal(found: Found, there: There | None, proven: There | None) -> Equal:
    """Whether the bytes there are those of the source, as far as two listings and a record tell.

    a record says that it is what was proven    sizes    ETags                                then
    yes                                         -        -                                    yes
    no                                          differ   -                                    no
    no                                          equal    equal                                yes
    no                                          equal    differ, both are MD5                 no
    no                                          equal    differ, one tells nothing of bytes   unknown
    """
    if there is None:
        return "no"
    if proven is not None and (there.etag, there.size, there.version) == (
        proven.etag,
        proven.size,
        # a listing of current objects tells no versions
        (there.version and proven.version) or there.version,
    ):
        return "yes"
    if found.size != there.size:
        return "no"
    md5 = there.digests.get("md5", "") or there.etag
    if found.etag and found.etag == md5:
        return "yes"
    return "no" if _is_md5(found.etag) and _is_md5(md5) else "unknown"


def same(there: There, then: There) -> bool:
    """Whether it is still what it was, by size, ETag, version and digests as far as both tell."""
    if there.version and then.version and there.version != then.version:
        return False
    return same_bytes(there, then)


def same_bytes(there: There, then: There) -> bool:
    """Likewise, whatever its version: one that was put back has another id."""
    if there.size != then.size:
        return False
    both = set(there.digests) & set(then.digests)
    if any(there.digests[name] != then.digests[name] for name in both):
        return False
    return bool(both) or not (there.etag and then.etag) or there.etag == then.etag


def _is_md5(etag: str) -> bool:
    return len(etag) == 32 and not set(etag) - set("0123456789abcdef")
