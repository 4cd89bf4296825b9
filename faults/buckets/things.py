"""Objects of many sizes and names, each with what it carries; read without the project's code."""

import hashlib
from dataclasses import dataclass, field
from random import Random
from typing import Any
from urllib.parse import urlencode

NAMES = (
    *("plain.txt", "with blank.txt", "dir/", "dir/deep/er.bin", "a//b", "../up", "x/./z", "tab\there"),
    *("quote'\"", "caf\u00e9", "cafe\u0301", "\u65e5\u672c\u8a9e/\U0001f600", "percent%20"),
    *("plus+and&and=", "~tilde", "UPPER", "upper"),
)
MIB = 1 << 20
#: bytes; the last two are uploaded in parts of 5 MiB
SIZES = (0, 1, 1_000, 65_537, MIB, 5 * MIB + 1, 11 * MIB)
WEIGHTS = (2, 2, 8, 4, 2, 1, 1)
PART = 5 * MIB


@dataclass(frozen=True)
class Thing:
    """One object as it is."""

    sha256: str
    size: int
    headers: tuple[tuple[str, str], ...]
    metadata: tuple[tuple[str, str], ...]
    tags: tuple[tuple[str, str], ...]


@dataclass
class Things:
    """What a bucket holds, by key; earlier contents of a key are remembered."""

    there: dict[str, Thing] = field(default_factory=dict)
    earlier: dict[str, set[str]] = field(default_factory=dict)


def fill(client: Any, bucket: str, rng: Random, number: int) -> None:
    """Puts so many objects."""
    keys = [f"{rng.choice(NAMES)}" for _ in range(number // 3)]
    keys += [f"many/{rng.randrange(10**6):06d}" for _ in range(number - len(keys))]
    for key in dict.fromkeys(keys):
        put(client, bucket, key, rng)


def put(client: Any, bucket: str, key: str, rng: Random) -> None:
    """An object of a size by chance, with headers, metadata and tags by chance."""
    size = rng.choices(SIZES, WEIGHTS)[0]
    body = rng.randbytes(size)
    said: dict[str, Any] = {}
    if rng.random() < 0.6:
        said["ContentType"] = rng.choice(["text/plain; charset=utf-8", "application/x-odd", "image/png"])
    if rng.random() < 0.3:
        said |= {"CacheControl": "max-age=60", "ContentLanguage": "de", "ContentEncoding": "gzip"}
    if rng.random() < 0.5:
        said["Metadata"] = {"owner": f"team {rng.randrange(9)}", "mtime": str(rng.random())}
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


def read(client: Any, bucket: str) -> dict[str, Thing]:
    """Every object of the bucket, by reading all of it."""
    return {key: read_one(client, bucket, key) for key in tags_of_bytes(client, bucket)}


def tags_of_bytes(client: Any, bucket: str) -> dict[str, tuple[str, str]]:
    """By key, what changes whenever an object is written: its ETag and the time."""
    return {
        each["Key"]: (each["ETag"], str(each["LastModified"]))
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        for each in page.get("Contents", ())
    }


def read_one(client: Any, bucket: str, key: str) -> Thing:
    answer = client.get_object(Bucket=bucket, Key=key)
    body = answer["Body"].read()
    tags = client.get_object_tagging(Bucket=bucket, Key=key)["TagSet"]
    headers = {name: answer[name] for name in HEADERS if answer.get(name)}
    return Thing(
        hashlib.sha256(body).hexdigest(),
        len(body),
        tuple(sorted(headers.items())),
        tuple(sorted(answer["Metadata"].items())),
        tuple(sorted((each["Key"], each["Value"]) for each in tags)),
    )


HEADERS = ("ContentType", "ContentEncoding", "ContentLanguage", "ContentDisposition", "CacheControl")


def unfinished(client: Any, bucket: str) -> int:
    return len(client.list_multipart_uploads(Bucket=bucket).get("Uploads", ()))


def emptied(client: Any, bucket: str) -> None:
    """The bucket, there and empty."""
    if bucket not in [each["Name"] for each in client.list_buckets()["Buckets"]]:
        client.create_bucket(Bucket=bucket)
    for each in client.list_multipart_uploads(Bucket=bucket).get("Uploads", ()):
        client.abort_multipart_upload(Bucket=bucket, Key=each["Key"], UploadId=each["UploadId"])
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for each in page.get("Contents", ()):
            client.delete_object(Bucket=bucket, Key=each["Key"])
