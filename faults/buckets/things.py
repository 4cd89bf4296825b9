"""Objects of many sizes and names, each with what it carries; read without the project's code."""

import hashlib
import re
import time
from contextlib import suppress
from dataclasses import dataclass
from html import unescape
from random import Random
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

NAMES = (
    *("plain.txt", "with blank.txt", "dir/", "dir/deep/er.bin", "a//b", "../up", "x/./z", "tab\there"),
    *("quote'\"", "caf\u00e9", "cafe\u0301", "\u65e5\u672c\u8a9e/\U0001f600", "percent%20"),
    *("plus+and&and=", "~tilde", "UPPER", "upper"),
)
MIB = 1 << 20
#: bytes; the last two are uploaded in parts of 5 MiB
SIZES = (0, 1, 1_000, 65_537, MIB, 5 * MIB + 1, 11 * MIB)
WEIGHTS = (2, 2, 8, 4, 2, 1, 1)
#: in every bucket: one that is sent while it is read, and one in parts
ALWAYS = (2 * MIB, 5 * MIB + 1)
PART = 5 * MIB
LOOKS = 20
#: in all metadata, and nowhere to be told
VALUE = "value-of-the-suite"
_VERSION = re.compile(r"<(Version|DeleteMarker)>(.*?)</\1>", re.DOTALL)
HEADERS = ("ContentType", "ContentEncoding", "ContentLanguage", "ContentDisposition", "CacheControl")


@dataclass(frozen=True)
class Thing:
    """One object, or one version of it, as it is."""

    sha256: str
    size: int
    #: says in which parts it was uploaded, too
    etag: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    metadata: tuple[tuple[str, str], ...] = ()
    tags: tuple[tuple[str, str], ...] = ()

    @property
    def bare(self) -> "Thing":
        """What a package is of it."""
        return Thing(self.sha256, self.size)


#: what a key holds: its versions, the oldest first, or its one object
State = tuple[Thing, ...]
#: a delete marker among the versions
MARKER = Thing("deleted", 0)


def fill(client: Any, bucket: str, rng: Random, number: int) -> None:
    """Puts so many objects, or a few less: names may come twice."""
    keys = [f"{rng.choice(NAMES)}" for _ in range(number // 3)]
    keys += [f"many/{rng.randrange(10**6):06d}" for _ in range(number - len(keys))]
    for place, key in enumerate(dict.fromkeys(keys)):
        put(client, bucket, key, rng, ALWAYS[place] if place < len(ALWAYS) else None)


def add_versions(client: Any, bucket: str, rng: Random, keys: list[str]) -> None:
    """Of some keys another version, then perhaps a delete marker: that server's listing tells the place of
    a marker among the versions of one second only where it is the latest."""
    for key in rng.sample(keys, min(4, len(keys))):
        for _ in range(rng.randint(0, 2)):
            put(client, bucket, key, rng, rng.choice(SIZES[:4]))
        if rng.random() < 0.4:
            client.delete_object(Bucket=bucket, Key=key)


def put(client: Any, bucket: str, key: str, rng: Random, size: int | None = None) -> None:
    """An object of a size by chance, with headers, metadata and tags by chance."""
    size = rng.choices(SIZES, WEIGHTS)[0] if size is None else size
    body = rng.randbytes(size)
    said: dict[str, Any] = {}
    if rng.random() < 0.6:
        said["ContentType"] = rng.choice(["text/plain; charset=utf-8", "application/x-odd", "image/png"])
    if rng.random() < 0.3:
        said |= {"CacheControl": "max-age=60", "ContentLanguage": "de", "ContentEncoding": "gzip"}
    if rng.random() < 0.5:
        said["Metadata"] = {"owner": f"{VALUE} {rng.randrange(9)}", "mtime": str(rng.random())}
    if rng.random() < 0.4:
        said["Tagging"] = urlencode({"kind": rng.choice("abc"), "with blank": "1+1=2 @ more"})
    if size <= PART:
        client.put_object(Bucket=bucket, Key=key, Body=body, **said)
        return
    upload = client.create_multipart_upload(Bucket=bucket, Key=key, **said)["UploadId"]
    parts: list[dict[str, object]] = []
    for at in range(0, size, PART):
        sent = client.upload_part(
            Bucket=bucket, Key=key, UploadId=upload, PartNumber=len(parts) + 1, Body=body[at : at + PART]
        )
        parts.append({"PartNumber": len(parts) + 1, "ETag": sent["ETag"]})
    client.complete_multipart_upload(
        Bucket=bucket, Key=key, UploadId=upload, MultipartUpload={"Parts": parts}
    )


def read(client: Any, bucket: str) -> dict[str, State]:
    """Every object of the bucket, by reading all of it.

    A server may still be at the last requests of a run that was killed: what is gone meanwhile is looked for
    again.
    """
    for _ in range(LOOKS):
        with suppress(client.exceptions.NoSuchKey):
            return {key: (read_one(client, bucket, key),) for key in tags_of_bytes(client, bucket)}
        time.sleep(0.2)
    raise TimeoutError("Objects of the bucket go away while they are read.")


def read_versions(client: Any, bucket: str) -> dict[str, State]:
    """Every version and delete marker, the oldest first."""
    found: dict[str, list[Thing]] = {}
    for key, version, marker in versions(client, bucket):
        thing = MARKER if marker else read_one(client, bucket, key, VersionId=version)
        found.setdefault(key, []).insert(0, thing)
    return {key: tuple(things) for key, things in found.items()}


def versions(client: Any, bucket: str) -> list[tuple[str, str, bool]]:
    """Key, version, and whether it is a delete marker; of each key the newest first.

    That server writes control characters of keys into its listing as they are, which no reader of XML takes.
    """
    asked = f"{client.meta.endpoint_url}/{bucket}?versions&max-keys=100000"
    with urlopen(asked, timeout=60) as answer:
        text = answer.read().decode()
    latest: list[tuple[str, str, bool]] = []
    found: list[tuple[str, str, bool]] = []
    for kind, inside in _VERSION.findall(text):
        key, version, now = (_said(name, inside) for name in ("Key", "VersionId", "IsLatest"))
        (latest if now == "true" else found).append((key, version, kind != "Version"))
    return [*latest, *found]


def _said(name: str, text: str) -> str:
    _, _, rest = text.partition(f"<{name}>")
    return unescape(rest.partition(f"</{name}>")[0])


def tags_of_bytes(client: Any, bucket: str) -> dict[str, tuple[str, str]]:
    """By key, what changes whenever an object is written: its ETag and the time."""
    return {
        each["Key"]: (each["ETag"], str(each["LastModified"]))
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        for each in page.get("Contents", ())
    }


def read_one(client: Any, bucket: str, key: str, **version: str) -> Thing:
    answer = client.get_object(Bucket=bucket, Key=key, **version)
    body = answer["Body"].read()
    tags = client.get_object_tagging(Bucket=bucket, Key=key, **version)["TagSet"]
    headers = {name: answer[name] for name in HEADERS if answer.get(name)}
    return Thing(
        hashlib.sha256(body).hexdigest(),
        len(body),
        answer["ETag"],
        tuple(sorted(headers.items())),
        tuple(sorted(answer["Metadata"].items())),
        tuple(sorted((each["Key"], each["Value"]) for each in tags)),
    )


def unfinished(client: Any, bucket: str) -> list[str]:
    """Keys of uploads in parts that nobody has ended."""
    return [each["Key"] for each in client.list_multipart_uploads(Bucket=bucket).get("Uploads", ())]


def emptied(client: Any, bucket: str, *, versioned: bool = False) -> None:
    """The bucket, there and empty."""
    if bucket not in [each["Name"] for each in client.list_buckets()["Buckets"]]:
        client.create_bucket(Bucket=bucket)
        if versioned:
            said = {"Status": "Enabled"}
            client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration=said)
    for each in client.list_multipart_uploads(Bucket=bucket).get("Uploads", ()):
        client.abort_multipart_upload(Bucket=bucket, Key=each["Key"], UploadId=each["UploadId"])
    if not versioned:
        for key in tags_of_bytes(client, bucket):
            client.delete_object(Bucket=bucket, Key=key)
        return
    for key, version, _ in versions(client, bucket):
        client.delete_object(Bucket=bucket, Key=key, VersionId=version)
