"""An object in parts, side by side, in the sizes of its source's parts where they are known."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from xml.sax.saxutils import escape

from migration_assets.buckets.model import Attributes, Moved, Proof, There
from migration_assets.buckets.s3.attributes import headers_of
from migration_assets.buckets.s3.by_itself import part_by_itself
from migration_assets.buckets.s3.claims import Hashes, base64_of
from migration_assets.buckets.s3.flow import Slow, Waits
from migration_assets.buckets.s3.layout import MIB, composite, is_md5, part_count
from migration_assets.buckets.s3.listing import parsed
from migration_assets.buckets.s3.one import PIECE, is_opaque
from migration_assets.buckets.s3.proof import digest, standing
from migration_assets.buckets.s3.server import Lost
from migration_assets.buckets.s3.signing import UNSIGNED
from migration_assets.buckets.s3.store import Conflict, Damaged, Missing, code_in, version_in
from migration_assets.buckets.s3.tidying import tidied
from migration_assets.buckets.s3.way import WHOLE, Way, conditions
from migration_assets.buckets.s3.work import Tools, Work
from migration_assets.errors import MigrationError, Passing

#: bytes of a part up to which its MD5 is made before it is sent, where the bucket asks for it
LOCKED = 64 * MIB


@dataclass(frozen=True)
class Part:
    """A part that was sent: its ETag at the target, and the hashes of the bytes that were read."""

    number: int
    etag: str
    md5: str


def in_parts(work: Work, tools: Tools, way: Way) -> Moved:
    attributes = tools.source.attributes(work.found)
    upload = _begin(work, tools, work.decision.attributes or attributes)
    try:
        sent = _sent(work, tools, way, upload)
        expected = _expected(work, tools, way, sent)
        return _finished(work, tools, upload, sent, expected)
    except BaseException:
        with suppress(MigrationError):
            tools.target.ask("DELETE", work.key, [("uploadId", upload)]).read()
        raise


def _begin(work: Work, tools: Tools, attributes: Attributes) -> str:
    wanted, work.dropped = tools.writing.wanted(attributes, tools.facts)
    headers = headers_of(wanted) | tools.writing.headers()
    try:
        answer = tools.target.ask("POST", work.key, [("uploads", "")], headers)
        upload = parsed(answer.read(), tools.target.shown).findtext("UploadId")
        if not upload:
            raise Passing(f"{tools.target.shown} began no upload.", advice="Run the same command again.")
        return upload
    except Slow:
        raise
    except Passing:
        # it may have begun, and its name was lost with the answer
        initiator = str(tools.facts.get("initiator", ""))
        with suppress(MigrationError):
            tidied(tools.target, work.key, work.key, f"{work.key}\0", initiator)
        raise


def _sent(work: Work, tools: Tools, way: Way, upload: str) -> list[Part]:
    def places() -> Iterator[tuple[int, int, int]]:
        start = 0
        for number, size in enumerate(way.parts, start=1):
            yield number, start, size
            start += size

    with ThreadPoolExecutor(tools.parts, thread_name_prefix="parts") as threads:
        under_way = [threads.submit(_part, work, tools, way, upload, *place) for place in places()]
        try:
            return [each.result() for each in under_way]
        except BaseException:
            threads.shutdown(cancel_futures=True)
            raise


def _part(work: Work, tools: Tools, way: Way, upload: str, number: int, start: int, size: int) -> Part:
    waits = Waits()
    while True:
        try:
            if size <= _held(tools):
                with tools.room.held(size):
                    return _part_once(work, tools, way, upload, number, start, size)
            return _part_once(work, tools, way, upload, number, start, size)
        except Passing as error:
            waits.wait(error)
            work.waits.after.append(error.cause)


def _part_once(work: Work, tools: Tools, way: Way, upload: str, number: int, start: int, size: int) -> Part:
    """An MD5 is made only where the target does not hold the bytes to their sha256, and that only there."""
    query = [("partNumber", str(number)), ("uploadId", upload)]
    if way.told and (made := part_by_itself(work, tools, query, start, size)):
        return Part(number, made, "")
    signed = size <= _held(tools)
    known = signed and tools.facts.get("content_sha256_enforced") and not tools.facts.get("object_lock")
    md5 = not known or work.hash_here
    hashes = Hashes(md5=md5, sha256=signed)
    with tools.source.open(work.found, start, start + size - 1) as opened:
        pieces = hashes.through(opened.pieces(PIECE))
        if signed:
            pieces = list(pieces)
        payload = hashes.sha256_hex if signed else UNSIGNED
        headers = {}
        if signed and hashes.md5:
            headers["content-md5"] = base64_of(hashes.md5_hex)
        work.sent += size
        answer = tools.target.ask("PUT", work.key, query, headers, pieces, size, payload)
        answer.read()
    etag = answer.headers.get("etag", "").strip('"')
    if hashes.size != size or (hashes.md5 and is_md5(etag) and _etags(tools) and etag != hashes.md5_hex):
        raise Damaged(f"{tools.target.shown} received other bytes than were sent.")
    return Part(number, etag, hashes.md5_hex)


def _held(tools: Tools) -> int:
    """Bytes of a part that are in memory before they are sent: a bucket with locks asks for their MD5."""
    return LOCKED if tools.facts.get("object_lock") else WHOLE


def _etags(tools: Tools) -> bool:
    return bool(tools.facts.get("etag_is_md5"))


def _expected(work: Work, tools: Tools, way: Way, sent: list[Part]) -> str:
    """The ETag that the target has to give; empty where its ETags are no hashes.

    Compared with the source's before anything stands at the target. What differs is read again: a second
    reading that gives the same says that the sizes of the parts were other ones, not that bytes were. Before
    that the sizes of other clients are tried.
    """
    digests = [each.md5 or each.etag for each in sent]
    if not all(is_md5(each) for each in digests) or not _etags(tools):
        return ""
    expected = composite([bytes.fromhex(each) for each in digests])
    claimed = work.found.etag
    if part_count(claimed) and claimed != expected and (way.told or work.seen.get(way.parts) != expected):
        work.hash_here, work.seen[way.parts] = True, expected
        raise Damaged(f"The parts that {tools.source.shown} gave do not make the ETag that it claims.")
    if claimed == expected:
        tools.habits.add(way.parts)
    return expected


def _finished(work: Work, tools: Tools, upload: str, sent: list[Part], expected: str) -> Moved:
    rows = "".join(
        f"<Part><PartNumber>{each.number}</PartNumber><ETag>{escape(each.etag)}</ETag></Part>"
        for each in sent
    )
    text = f"<CompleteMultipartUpload>{rows}</CompleteMultipartUpload>".encode()
    headers = conditions(tools.facts, work.before, work.ours)
    version = _completed(work, tools, upload, text, headers, expected)
    work.ours, work.ours_version = expected, version
    there = standing(tools.target, work.key, version)
    if there is None or there.size != work.found.size:
        raise Damaged(f"{tools.target.shown} did not keep all that was sent.")
    return _proven(work, tools, there, expected)


def _completed(
    work: Work, tools: Tools, upload: str, text: bytes, headers: dict[str, str], expected: str
) -> str:
    """The version that was made; an answer that was lost is looked for at the target."""
    import hashlib

    waits = Waits()
    while True:
        try:
            answer = tools.target.ask(
                "POST",
                work.key,
                [("uploadId", upload)],
                headers,
                [text],
                len(text),
                hashlib.sha256(text).hexdigest(),
            )
            if code := code_in(answer.read()):
                raise Passing(
                    f"{tools.target.shown} did not finish an upload ({code}).",
                    advice="Run the same command again.",
                    cause="storage",
                )
            return version_in(answer.headers)
        except (Missing, Conflict):
            there = standing(tools.target, work.key)
            if waits.after and there and expected and there.etag in (expected, work.found.etag):
                return there.version
            raise
        except Passing as error:
            work.lost = work.lost or isinstance(error, Lost)
            work.waits.after.append(error.cause)
            waits.wait(error)


def _proven(work: Work, tools: Tools, there: There, expected: str) -> Moved:
    """Parts of our own prove nothing of an MD5 that the source claims of the whole."""
    proof: Proof = ""
    if expected and there.etag == expected and not is_md5(work.found.etag):
        proof = "parts_etag"
    elif tools.facts.get("parts_etag") == "whole" and there.etag == work.found.etag:
        proof = "etag"
    if proof:
        return work.moved(there, proof)
    work.ours, work.ours_version = there.etag, there.version
    return work.moved(there, "read_back", _read_again(work, tools, there))


def _read_again(work: Work, tools: Tools, there: There) -> str:
    """Both sides are read, and what the source gives is hashed; Damaged where they differ, or where it is not
    what the source claims."""
    with tools.source.open(work.found) as opened:
        claimed = work.found.etag if is_md5(work.found.etag) and not is_opaque(opened) else ""
        hashes = Hashes(md5=bool(claimed), claimed=opened.attributes.checksums)
        for _ in hashes.through(opened.pieces(PIECE)):
            pass
        hashes.held_to(opened.attributes, claimed, work.found.size, tools.source.shown)
    if digest(tools.target, there).hex() != hashes.sha256_hex:
        raise Damaged(f"{tools.target.shown} gives other bytes than were sent.")
    return hashes.sha256_hex
