"""What a bucket says it holds, in the order of the keys' bytes."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from urllib.parse import unquote_plus
from xml.etree import ElementTree

from migration_assets.buckets.model import Found
from migration_assets.buckets.s3.flow import Waits
from migration_assets.buckets.s3.store import Refused, Store, code_in
from migration_assets.errors import Passing

Page = list[tuple[str, str]]
_LONGEST_KEY = 1024
#: control characters, as they are or as references: XML has none, but stores that encode nothing send them
_CONTROL = re.compile(rb"&#(?:x0*([01]?[0-9a-fA-F])|0*([0-9]|[12][0-9]|3[01]));|[\x00-\x08\x0b\x0c\x0e-\x1f]")
#: an archived object keeps its class when it is restored
_RESTORED = {"x-amz-optional-object-attributes": "RestoreStatus"}
_NAMESPACE = b' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
_STAND_INS = 0xFFF00
_MEANT = {_STAND_INS + number: number for number in range(32)}
#: behind everything that is likely to follow a text
_FAR = "\U0010fffd"


def listed(
    store: Store, prefix: str, lower: str | None, upper: str | None, *, versions: bool = False
) -> Iterator[Found]:
    """Keys with the prefix, `lower` included, `upper` excluded."""
    found = _versions(store, prefix, lower) if versions else _current(store, prefix, lower)
    for each in found:
        if lower is not None and each.key < lower:
            continue
        if upper is not None and each.key >= upper:
            return
        yield each


def before(key: str) -> str:
    """A text before the key, and behind (almost) all that is before it: listings start *after* a text."""
    last = ord(key[-1]) - 1
    if last < 0:
        return key[:-1]
    # what is between is no character
    last = 0xD7FF if 0xD800 <= last <= 0xDFFF else last
    start = key[:-1] + chr(last)
    return start if len((start + _FAR).encode()) > _LONGEST_KEY else start + _FAR


def _current(store: Store, prefix: str, lower: str | None) -> Iterator[Found]:
    query = [("list-type", "2"), ("encoding-type", "url"), ("max-keys", "1000"), ("prefix", prefix)]
    start = [("start-after", before(lower))] if lower else []
    token: list[tuple[str, str]] = []
    while True:
        page = _page(store, [*query, *start, *token])
        said = page.findtext("EncodingType") == "url"
        for each in page.iterfind("Contents"):
            yield _found(each, said)
        following = page.findtext("NextContinuationToken")
        if page.findtext("IsTruncated") != "true" or not following:
            return
        if token == [("continuation-token", following)]:
            raise in_a_circle(store)
        token = [("continuation-token", following)]


def _versions(store: Store, prefix: str, lower: str | None) -> Iterator[Found]:
    """Of each key the oldest first."""
    query = [("versions", ""), ("encoding-type", "url"), ("max-keys", "1000"), ("prefix", prefix)]
    marker = [("key-marker", before(lower))] if lower else []
    waiting: list[Found] = []
    while True:
        page = _page(store, [*query, *marker])
        said = page.findtext("EncodingType") == "url"
        waiting += [
            _found(each, said, marker=each.tag == "DeleteMarker")
            for each in page
            if each.tag in ("Version", "DeleteMarker")
        ]
        following = page.findtext("NextKeyMarker")
        more = page.findtext("IsTruncated") == "true" and bool(following)
        # the last key of a page may go on in the next one
        open_key = max((each.key for each in waiting), default="") if more else None
        yield from _oldest_first([each for each in waiting if each.key != open_key])
        waiting = [each for each in waiting if each.key == open_key]
        if not more:
            return
        before_that = marker
        marker = [
            ("key-marker", _text(following or "", said)),
            ("version-id-marker", page.findtext("NextVersionIdMarker") or ""),
        ]
        if marker == before_that:
            raise in_a_circle(store)


def in_a_circle(store: Store) -> Refused:
    return Refused(f"{store.shown} gives the same page of its listing again and again.", "", 200)


def _oldest_first(found: list[Found]) -> Iterator[Found]:
    """
    a key's versions come                        then
    newest first, markers among them (AWS)       backwards
    versions, then markers                       by their time; the latest last
    """
    by_key: dict[str, list[Found]] = {}
    for each in found:
        by_key.setdefault(each.key, []).append(each)
    for key in sorted(by_key):
        ours = by_key[key][::-1]
        if any(a.modified > b.modified for a, b in pairwise(ours)) or any(each.latest for each in ours[:-1]):
            ours.sort(key=lambda each: (each.latest, each.modified))
        yield from ours


def _page(store: Store, query: list[tuple[str, str]]) -> ElementTree.Element:
    waits = Waits()
    while True:
        try:
            text = store.ask("GET", query=query, headers=_RESTORED).read()
            if code_in(text):
                raise Passing(
                    f"{store.shown} could not be listed ({code_in(text)}).",
                    advice="Run the same command again.",
                    cause="storage",
                )
            return parsed(text, store.shown)
        except Passing as error:
            waits.wait(error)


def parsed(text: bytes, shown: str) -> ElementTree.Element:
    """An answer's document, its names without their namespace; Passing for what is none."""
    text = text.replace(_NAMESPACE, b"", 1)
    try:
        try:
            page = ElementTree.fromstring(text)
        except ElementTree.ParseError:
            page = ElementTree.fromstring(_CONTROL.sub(_stand_in, text))
    except ElementTree.ParseError:
        raise Passing(
            f"{shown} gave an answer that is no XML.", advice="Run the same command again.", cause="storage"
        ) from None
    if page.tag.startswith("{"):
        for each in page.iter():
            each.tag = each.tag.rpartition("}")[2]
    return page


def _stand_in(control: re.Match[bytes]) -> bytes:
    number = int(control[1], 16) if control[1] else int(control[2]) if control[2] else control[0][0]
    return chr(_STAND_INS + number).encode()


def _found(each: ElementTree.Element, encoded: bool, *, marker: bool = False) -> Found:
    said = {child.tag: child.text or "" for child in each}
    return Found(
        key=_text(said.get("Key", ""), encoded),
        size=int(said.get("Size") or 0),
        etag=said.get("ETag", "").strip('"'),
        modified=said.get("LastModified", ""),
        storage_class=said.get("StorageClass", ""),
        version=said.get("VersionId", ""),
        marker=marker,
        latest=said.get("IsLatest", "true") == "true",
        restored=each.findtext("RestoreStatus/IsRestoreInProgress") == "false",
    )


def _text(said: str, encoded: bool) -> str:
    if not encoded:
        return said.translate(_MEANT)
    return unquote_plus(said, errors="surrogateescape") if "%" in said else said.replace("+", " ")


def again(store: Store, found: Found) -> Found | None:
    """The current object under its key, as it is now."""
    now = next(listed(store, found.key, found.key, found.key + "\0"), None)
    return replace(now, version=found.version) if now else None
