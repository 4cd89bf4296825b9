"""What is copied: seeded bytes under plain keys, no two objects alike; and whether all of it arrived."""

import hashlib
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from benchmark.buckets.servers import SOURCE, TARGET, Store

MANY = 16
PIECE = 1 << 20
SEED = 20261121


@dataclass(frozen=True)
class Objects:
    """So many objects of so many bytes each."""

    name: str
    number: int
    size: int

    @property
    def total(self) -> int:
        return self.number * self.size

    def keys(self) -> Iterator[str]:
        for at in range(self.number):
            yield f"data/{at % 97:02d}/object-{at:07d}.bin"

    def body(self, at: int) -> Iterator[bytes]:
        """The bytes of the object at that place, in pieces of 1 MiB."""
        chance = random.Random(f"{SEED}/{self.name}/{at}")
        left = self.size
        while left:
            piece = chance.randbytes(min(PIECE, left))
            left -= len(piece)
            yield piece


SETS = {
    "A": Objects("A", 10_000, 10_000),
    "B": Objects("B", 200, 5_000_000),
    "C": Objects("C", 2, 1_000_000_000),
}


def scaled(wanted: Objects, scale: float) -> Objects:
    """The same with fewer objects; where there are few already, with smaller ones."""
    if wanted.number < 10:
        return Objects(wanted.name, wanted.number, max(1, round(wanted.size * scale)))
    return Objects(wanted.name, max(1, round(wanted.number * scale)), wanted.size)


def made(store: Store, objects: Objects) -> dict[str, str]:
    """Fills the source; key to sha256 of what was written, in hexadecimal."""
    client = store.client()
    client.create_bucket(Bucket=SOURCE)

    def put(numbered: tuple[int, str]) -> tuple[str, str]:
        at, key = numbered
        body = b"".join(objects.body(at))
        if len(body) > 100_000_000:
            _in_parts(client, key, body)
        else:
            client.put_object(Bucket=SOURCE, Key=key, Body=body)
        return key, hashlib.sha256(body).hexdigest()

    with ThreadPoolExecutor(2 if objects.size > 100_000_000 else MANY) as pool:
        return dict(pool.map(put, enumerate(objects.keys())))


def _in_parts(client: Any, key: str, body: bytes, size: int = 50_000_000) -> None:
    began = client.create_multipart_upload(Bucket=SOURCE, Key=key)["UploadId"]
    parts: list[dict[str, object]] = []
    for number, at in enumerate(range(0, len(body), size), 1):
        made = client.upload_part(
            Bucket=SOURCE, Key=key, UploadId=began, PartNumber=number, Body=body[at : at + size]
        )
        parts.append({"PartNumber": number, "ETag": made["ETag"]})
    client.complete_multipart_upload(Bucket=SOURCE, Key=key, UploadId=began, MultipartUpload={"Parts": parts})


def emptied(store: Store, bucket: str = TARGET) -> None:
    """The bucket, there and empty: no object, no unfinished upload."""
    client = store.client()
    if bucket not in [each["Name"] for each in client.list_buckets()["Buckets"]]:
        client.create_bucket(Bucket=bucket)
        return
    for upload in client.list_multipart_uploads(Bucket=bucket).get("Uploads", ()):
        client.abort_multipart_upload(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])
    keys = [key for key, _ in listed(client, bucket)]
    with ThreadPoolExecutor(MANY) as pool:
        list(pool.map(lambda key: client.delete_object(Bucket=bucket, Key=key), keys))


def listed(client: Any, bucket: str) -> Iterator[tuple[str, int]]:
    """Keys and sizes."""
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for each in page.get("Contents", ()):
            yield each["Key"], each["Size"]


def judged(store: Store, wanted: dict[str, str]) -> str:
    """What is not as it was written, by reading all of it back; empty where everything is."""
    client = store.client()
    found = {key for key, _ in listed(client, TARGET)}
    missing, extra = wanted.keys() - found, found - wanted.keys()

    def differs(key: str) -> bool:
        digest = hashlib.sha256()
        for piece in client.get_object(Bucket=TARGET, Key=key)["Body"].iter_chunks(PIECE):
            digest.update(piece)
        return digest.hexdigest() != wanted[key]

    with ThreadPoolExecutor(MANY) as pool:
        changed = sum(pool.map(differs, sorted(wanted.keys() & found)))
    said = [(len(missing), "missing"), (len(extra), "too many"), (changed, "changed")]
    return ", ".join(f"{number} {word}" for number, word in said if number)
