"""By which way an object goes, decided from what is known of it and of the target; no I/O."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from migration_assets.buckets.model import Found
from migration_assets.buckets.s3.layout import (
    LARGEST_PUT,
    MIB,
    can_be_made,
    candidates,
    is_md5,
    own,
    part_count,
)

Facts = Mapping[str, bool | str | int]
#: bytes that are held in memory whole; what is larger is sent while it is read
WHOLE = 16 * MIB
#: likewise where the target itself holds what arrives to the source's MD5
HELD_TO_MD5 = MIB
#: bytes from which parts are sent side by side where their ETag is that of the whole anyway
SIDE_BY_SIDE = 64 * MIB


@dataclass(frozen=True)
class Way:
    kind: Literal["whole", "piped", "parts", "marker"]
    parts: tuple[int, ...] = ()
    #: whether the parts are those of the source, as the source itself tells
    told: bool = False


def way(
    found: Found,
    told: tuple[int, ...] | None,
    facts: Facts,
    tried: Collection[tuple[int, ...]] = (),
    habits: Sequence[int] = (),
) -> Way:
    """
    source                     target                                  way
    a delete marker            -                                       marker
    one upload, up to 1 MiB    -                                       whole
    one upload, up to 16 MiB   holds bodies to a Content-MD5, not      piped
                               to a signature
    one upload, up to 16 MiB   does not                                whole
    one upload, more           takes bodies that are not signed        piped
    one upload, more           does not, or its ETag of parts          own parts
                               is the MD5 of the whole
    parts, sizes told          -                                       these parts
    parts, sizes not told      -                                       as others of this source had them, or
                                                                       as usual clients do; other ones where
                                                                       these were tried
    parts of odd sizes         -                                       as one upload
    more than 5 GiB            -                                       own parts
    """
    if found.marker:
        return Way("marker")
    if part_count(found.etag):
        if told and can_be_made(told) and sum(told) == found.size:
            return Way("parts", told, told=True)
        found_so = candidates(found.size, part_count(found.etag), habits)
        usual = [each for each in found_so if can_be_made(each)]
        if usual:
            return Way("parts", next((each for each in usual if each not in tried), usual[0]))
    held = facts.get("content_md5_enforced") and facts.get("unsigned_payload") and is_md5(found.etag)
    if found.size <= (HELD_TO_MD5 if held else WHOLE):
        return Way("whole")
    of_whole = facts.get("parts_etag") == "whole" and found.size >= SIDE_BY_SIDE and is_md5(found.etag)
    if found.size <= LARGEST_PUT and facts.get("unsigned_payload") and not of_whole:
        return Way("piped")
    return Way("parts", own(found.size))


def conditions(facts: Facts, before: str | None, ours: str) -> dict[str, str]:
    """The headers under which a write may replace what is there.

    before: ETag of what was there   ours: ETag of what this run wrote   then
    -                                yes                                 only over ours
    none                             no                                  only where nothing is
    yes                              no                                  only over that
    """
    over = ours or before
    if over and facts.get("if_match_put"):
        return {"if-match": f'"{over}"'}
    if not over and facts.get("if_none_match"):
        return {"if-none-match": "*"}
    return {}


def proven_by(
    facts: Facts, answered: Mapping[str, str], md5: str, sha256: str
) -> Literal["", "etag", "checksum"]:
    """
    what the probe found                                  the answer has         proof
    the ETag is the body's MD5, wrong hashes are refused  the MD5 as its ETag    etag
    wrong checksums are refused                           the same checksum      checksum
    anything else                                         -                      none: read back
    """
    etag = answered.get("etag", "").strip('"')
    hashed = facts.get("content_md5_enforced") or facts.get("content_sha256_enforced")
    if md5 and etag == md5 and facts.get("etag_is_md5") and hashed:
        return "etag"
    said = answered.get("x-amz-checksum-sha256", "")
    if said and sha256 and said == sha256 and facts.get("checksum_enforced"):
        return "checksum"
    return ""
