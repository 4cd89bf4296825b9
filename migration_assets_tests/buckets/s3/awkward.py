"""Objects that other tools lose something of: keys, bytes, attributes, parts."""

import hashlib
import unicodedata
from typing import Any

from migration_assets_tests.buckets.s3.pair import Pair

MIB = 1 << 20
KEYS = (
    "plain",
    "with blank",
    "plus+sign",
    "percent%2Fslash",
    "per%cent",
    "question?mark",
    "hash#sign",
    "amp&ersand=equals;semi",
    "quote\"d'both'",
    "<angle>&amp;",
    "back\\slash",
    "star*and[brackets]{braces}",
    "colon:pipe|tilde~",
    "a//b",
    "/leading",
    "dot/./dot",
    "../up",
    "x/../y",
    "folder/",
    "a",
    "a/b",
    "bell\x07escape\x1b",
    "unit\x1fand\ttab",
    unicodedata.normalize("NFC", "café"),
    unicodedata.normalize("NFD", "café"),
    "\U0001f4be disk",
    "k" * 1024,
)
FULL: dict[str, Any] = {
    "ContentType": "text/x-full; charset=utf-8",
    "ContentEncoding": "gzip",
    "ContentDisposition": 'attachment; filename="full.txt"',
    "ContentLanguage": "de-CH",
    "CacheControl": "max-age=60, private",
    "Expires": "Thu, 01 Jan 2037 00:00:00 GMT",
    "WebsiteRedirectLocation": "/elsewhere",
    "Metadata": {"owner": "Zoë".encode().decode("ascii", "ignore"), "a-b": "1  2", "long": "v" * 1500},
    "Tagging": "team=data%20platform&cost%2Fcentre=a%2Bb",
    "StorageClass": "STANDARD_IA",
}
SYSTEM = (
    "ContentType",
    "ContentEncoding",
    "ContentDisposition",
    "ContentLanguage",
    "CacheControl",
    "ExpiresString",
    "WebsiteRedirectLocation",
    "Metadata",
    "StorageClass",
    "ETag",
    "ContentLength",
)


def put_all(pair: Pair) -> int:
    """31 objects; how many there are."""
    for key in KEYS:
        pair.put(key, hashlib.sha256(key.encode()).digest(), Metadata={"key": key.encode().hex()[:200]})
    pair.put("empty", b"", Metadata={"size": "none"})
    pair.put("full", b"\x1f\x8b no gzip at all", **FULL)
    parts = [bytes([number]) * size for number, size in enumerate((5 * MIB, 5 * MIB, 3), start=1)]
    pair.put_parts("in parts", parts, Tagging="a=b", Metadata={"in": "parts"}, ContentType="x/parts")
    # as many as there would be if all were as large as the first
    uneven = [b"u" * (6 * MIB), b"v" * (5 * MIB), b"w" * (6 * MIB)]
    pair.put_parts("in uneven parts", uneven, StorageClass="STANDARD_IA")
    return len(KEYS) + 4


def attributes(pair: Pair, bucket: str, key: str) -> dict[str, Any]:
    """As the store tells them, past our own client."""
    head = pair.client.head_object(Bucket=bucket, Key=key)
    tags = pair.client.get_object_tagging(Bucket=bucket, Key=key)["TagSet"]
    return {name: head.get(name) for name in SYSTEM} | {"tags": tags}
