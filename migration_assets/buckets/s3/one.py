"""An object in one request: held in memory where it is small, else sent while it is read."""

from collections.abc import Iterator, Mapping

from migration_assets.buckets.model import Attributes, Moved, There
from migration_assets.buckets.places import Opened
from migration_assets.buckets.s3.answer import Answer
from migration_assets.buckets.s3.attributes import headers_of
from migration_assets.buckets.s3.claims import Hashes, Piece, base64_of
from migration_assets.buckets.s3.layout import MIB, is_md5
from migration_assets.buckets.s3.proof import read_back
from migration_assets.buckets.s3.server import Lost
from migration_assets.buckets.s3.signing import UNSIGNED
from migration_assets.buckets.s3.source import S3Opened
from migration_assets.buckets.s3.store import Damaged, version_in
from migration_assets.buckets.s3.way import conditions, proven_by
from migration_assets.buckets.s3.work import Tools, Work

#: bytes that are read and sent at once: they stay in a core's own cache
PIECE = MIB // 4
#: bytes of an object that needs no leave to be held: many of them are small beside one part
SMALL = 256 * 1024
_CUSTOMER = "x-amz-server-side-encryption-customer"


def whole(work: Work, tools: Tools) -> Moved:
    """Read, hashed, compared with what the source claims; then sent with its hashes, signed."""
    size = work.found.size
    if size <= SMALL:
        return _whole(work, tools)
    with tools.room.held(size):
        return _whole(work, tools)


def _whole(work: Work, tools: Tools) -> Moved:
    with tools.source.open(work.found) as opened:
        work.opaque = is_opaque(opened)
        attributes = work.decision.attributes or opened.attributes
        hashes = Hashes(md5=_hash_here(work, tools), claimed=opened.attributes.checksums)
        pieces = list(hashes.through(opened.pieces(PIECE)))
    claimed = _claimed(work)
    hashes.held_to(opened.attributes, claimed, work.found.size, tools.source.shown)
    md5 = hashes.md5_hex or claimed
    headers = _headers(work, tools, attributes, md5)
    if tools.facts.get("checksum_enforced"):
        headers["x-amz-checksum-sha256"] = hashes.sha256_base64
    answer = _put(work, tools, headers, pieces, hashes.sha256_hex)
    return _proven(work, tools, answer, md5, hashes)


def piped(work: Work, tools: Tools) -> Moved:
    """Sent while it is read: the body is not signed, its MD5 is where the source claims one."""
    with tools.source.open(work.found) as opened:
        work.opaque = is_opaque(opened)
        attributes = work.decision.attributes or opened.attributes
        hashes = Hashes(md5=_hash_here(work, tools), claimed=opened.attributes.checksums)
        claimed = _claimed(work)
        headers = _headers(work, tools, attributes, claimed)
        answer = _put(work, tools, headers, _checked(opened, hashes, work, tools, claimed), UNSIGNED)
    return _proven(work, tools, answer, hashes.md5_hex or claimed, hashes)


def _checked(opened: Opened, hashes: Hashes, work: Work, tools: Tools, claimed: str) -> Iterator[Piece]:
    """The last piece is only given away when all of them are what the source claims."""
    last: Piece = b""
    for piece in hashes.through(opened.pieces(PIECE)):
        if last:
            yield last
        last = piece
    hashes.held_to(opened.attributes, claimed, work.found.size, tools.source.shown)
    yield last


def is_opaque(opened: Opened) -> bool:
    """Whether the ETag is no MD5, of an object under a key of KMS or of the customer."""
    if not isinstance(opened, S3Opened):
        return False
    kind = opened.headers.get("x-amz-server-side-encryption", "")
    return kind.startswith("aws:kms") or f"{_CUSTOMER}-algorithm" in opened.headers


def _hash_here(work: Work, tools: Tools) -> bool:
    """Whether the MD5 is to be computed: not where the target itself holds the bytes to the source's."""
    return work.hash_here or not (_claimed(work) and tools.facts.get("content_md5_enforced"))


def _claimed(work: Work) -> str:
    return work.found.etag if is_md5(work.found.etag) and not work.opaque else ""


def _headers(work: Work, tools: Tools, attributes: Attributes, md5: str) -> dict[str, str]:
    wanted, work.dropped = tools.writing.wanted(attributes, tools.facts)
    headers = headers_of(wanted) | tools.writing.headers() | conditions(tools.facts, work.before, work.ours)
    if md5:
        headers["content-md5"] = base64_of(md5)
    return headers


def _put(work: Work, tools: Tools, headers: Mapping[str, str], body: object, payload: str) -> Answer:
    size = work.found.size
    work.sent += size
    try:
        answer = tools.target.ask("PUT", work.key, (), headers, body, size, payload)  # type: ignore[arg-type]
    except Lost as error:
        work.lost = work.lost or error.sent
        raise
    except Damaged:
        # which side was wrong is known when the hash is made here
        work.hash_here = True
        raise
    answer.read()
    return answer


def _proven(work: Work, tools: Tools, answer: Answer, md5: str, hashes: Hashes) -> Moved:
    etag = answer.headers.get("etag", "").strip('"')
    there = There(work.key, work.found.size, etag, version_in(answer.headers))
    proof = proven_by(tools.facts, answer.headers, md5, hashes.sha256_base64)
    sha256 = hashes.sha256_hex
    if proof:
        return work.moved(there, proof, sha256)
    work.ours, work.ours_version = etag, there.version
    if md5 and tools.facts.get("etag_is_md5") and is_md5(etag) and etag != md5:
        work.hash_here = True
        raise Damaged(f"{tools.target.shown} holds other bytes than were sent.")
    read_back(tools.target, there, sha256)
    return work.moved(there, "read_back", sha256)
