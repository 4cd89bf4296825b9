"""A prefix of a bucket with wave files; every request goes out when it is needed, none before."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from migration_assets.contracts.yaml_text import SIZE_LIMIT
from migration_assets.errors import Passing
from migration_assets.stores import s3
from migration_assets.stores.cloud_refusals import is_conflict, is_missing
from migration_assets.waves.places.base import Document
from migration_assets.waves.places.folder import ENDINGS

#: the variable that names the place, and what its endpoint's variable begins with
_NAME = "MIGRATION_WAVES"


class S3Prefix:
    """All wave files below the prefix; what has a part that begins with a dot is not looked at.

    A file's token is its ETag, and a file whose ETag is the same is not read again. Of a file that is too
    large, one byte more than is allowed is read, so that whoever parses it refuses it."""

    def __init__(self, address: s3.Address, environment: Mapping[str, str]) -> None:
        self.address = address
        self._environment = environment
        self._read_before: dict[str, Document] = {}

    @classmethod
    def at(cls, url: str, environment: Mapping[str, str]) -> "S3Prefix":
        """The place that `s3://bucket/prefix` names; ConnectionRefused where it names none."""
        return cls(s3.address(url, _NAME), environment)

    def __str__(self) -> str:
        return str(self.address)

    def documents(self) -> Iterator[Document]:
        for name, size, token in sorted(self._listed()):
            found = self._read_before.get(name)
            if found is None or found.token != token:
                found = self._read(name, size)
            if found is not None:
                self._read_before[name] = found
                yield found

    def put(self, name: str, text: bytes, expected: str | None) -> None:
        from botocore.exceptions import ClientError

        condition = {"IfNoneMatch": "*"} if expected is None else {"IfMatch": expected}
        with s3.told(str(self)):
            try:
                self._client.put_object(
                    Bucket=self.address.bucket,
                    Key=self.address.key(name),
                    Body=text,
                    ContentType="application/yaml",
                    **condition,
                )
            except ClientError as error:
                # a file that was there and is not any more is another one, too
                if not (is_conflict(error) or (expected is not None and is_missing(error))):
                    raise
                raise Passing(
                    f"The wave file {self._origin(name)} is another one than it was.",
                    advice="Read it again, then retry.",
                ) from None

    @cached_property
    def _client(self) -> Any:
        return s3.client("s3", self._environment, _NAME)

    def _origin(self, name: str) -> str:
        return f"s3://{self.address.bucket}/{self.address.key(name)}"

    def _listed(self) -> Iterator[tuple[str, int, str]]:
        """Names from the prefix on, sizes in bytes, and tokens."""
        before = self.address.key("") + "/" if self.address.prefix else ""
        pages = self._client.get_paginator("list_objects_v2")
        with s3.told(str(self)):
            for page in pages.paginate(Bucket=self.address.bucket, Prefix=before):
                for entry in page.get("Contents", ()):
                    name: str = entry["Key"].removeprefix(before)
                    hidden = any(part.startswith(".") for part in name.split("/"))
                    if name.endswith(ENDINGS) and not hidden:
                        yield name, entry["Size"], entry["ETag"]

    def _read(self, name: str, size: int) -> Document | None:
        """None where it has gone since it was listed."""
        from botocore.exceptions import ClientError

        # of an empty object there is no range
        part = {"Range": f"bytes=0-{SIZE_LIMIT}"} if size > SIZE_LIMIT else {}
        with s3.told(str(self)):
            try:
                found = self._client.get_object(
                    Bucket=self.address.bucket, Key=self.address.key(name), **part
                )
                text: bytes = found["Body"].read(SIZE_LIMIT + 1)
            except ClientError as error:
                if is_missing(error):
                    return None
                raise
        return Document(name, text, self._origin(name), found["ETag"])
