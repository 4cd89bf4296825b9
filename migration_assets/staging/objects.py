"""Objects below one prefix of a bucket: the few requests that staging makes, each error in our words."""

import base64
import hashlib
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from migration_assets.errors import Passing
from migration_assets.stores import s3
from migration_assets.stores.cloud_refusals import code_of, is_conflict, is_missing


@dataclass(frozen=True)
class Listed:
    """An object; its key is the whole one."""

    key: str
    written: datetime


@dataclass(frozen=True)
class Unfinished:
    """An upload that was begun and not finished."""

    key: str
    upload: str
    begun: datetime


class Objects:
    """What is kept below an address; keys are relative to it."""

    def __init__(
        self,
        address: s3.Address,
        environment: Mapping[str, str],
        variable: str,
        encryption: Mapping[str, str],
    ) -> None:
        self.address = address
        #: what is said with every new object
        self.encryption = encryption
        self._environment = environment
        self._variable = variable

    def below(self, *parts: str) -> "Objects":
        address = replace(self.address, prefix=self.address.key(*parts))
        return Objects(address, self._environment, self._variable, self.encryption)

    @property
    def client(self) -> Any:
        return s3.client("s3", self._environment, self._variable)

    @contextmanager
    def told(self) -> Generator[None]:
        with s3.told(f"The staging at {self.address}"):
            yield

    def at(self, key: str) -> dict[str, str]:
        return {"Bucket": self.address.bucket, "Key": self.address.key(key)}

    def put(self, key: str, body: bytes) -> None:
        """The object, whole or not at all; the server is told its sha256."""
        with self.told():
            self._put(key, body, {})

    def put_text(self, key: str, text: str) -> None:
        """Likewise; Passing where another text comes to be there at the same moment.

        there before    while it is written    then
        nothing         -                      written
        nothing         this very text         taken as written: an answer was lost
        another         -                      replaced
        another         yet another            Passing
        """
        from botocore.exceptions import ClientError

        conditions = {"IfNoneMatch": "*"}
        for _ in range(2):
            with self.told():
                try:
                    self._put(key, text.encode(), conditions)
                    return
                except ClientError as error:
                    if not is_conflict(error):
                        raise
            there = self.text_and_tag(key)
            if there and there[0] == text:
                return
            conditions = {"IfMatch": there[1]} if there else conditions
        raise Passing(
            f"Another run staged the same at {self.address} at the same moment.",
            advice="Run the same command again.",
        )

    def swap(self, key: str, text: str, tag: str | None) -> str | None:
        """Writes where the object has that tag, or where there is none: its new tag. None where it has
        another.

        An answer may be lost: what is there is looked at."""
        from botocore.exceptions import ClientError

        conditions = {"IfMatch": tag} if tag else {"IfNoneMatch": "*"}
        with self.told():
            try:
                return str(self._put(key, text.encode(), conditions)["ETag"])
            except ClientError as error:
                if not is_conflict(error) and not is_missing(error):
                    raise
        there = self.text_and_tag(key)
        return there[1] if there and there[0] == text else None

    def _put(self, key: str, body: bytes, conditions: Mapping[str, str]) -> Mapping[str, Any]:
        return self.client.put_object(
            **self.at(key), Body=body, ChecksumSHA256=sha256(body), **self.encryption, **conditions
        )

    def text_and_tag(self, key: str) -> tuple[str, str] | None:
        from botocore.exceptions import ClientError

        with self.told():
            try:
                answer = self.client.get_object(**self.at(key))
                with closing(answer["Body"]) as body:
                    return body.read().decode("utf-8", "replace"), answer["ETag"]
            except ClientError as error:
                if is_missing(error):
                    return None
                raise

    def size(self, key: str) -> int | None:
        from botocore.exceptions import ClientError

        with self.told():
            try:
                return int(self.client.head_object(**self.at(key))["ContentLength"])
            except ClientError as error:
                if is_missing(error):
                    return None
                raise

    def listed(self, prefix: str = "") -> Iterator[Listed]:
        """Everything below; the prefix ends where a name ends."""
        with self.told():
            pages = self.client.get_paginator("list_objects_v2").paginate(**self._within(prefix))
            for page in pages:
                for each in page.get("Contents", ()):
                    yield Listed(each["Key"], each["LastModified"])

    def unfinished(self, prefix: str = "") -> tuple[list[Unfinished], datetime | None]:
        """Uploads below that were not finished, and what time it is at the server."""
        found: list[Unfinished] = []
        now = None
        within = self._within(prefix)
        with self.told():
            for page in self.client.get_paginator("list_multipart_uploads").paginate(**within):
                now = _date(page)
                found += [
                    Unfinished(each["Key"], each["UploadId"], each["Initiated"])
                    for each in page.get("Uploads", ())
                    if each["Key"].startswith(within["Prefix"])  # not every server looks at the prefix
                ]
        return found, now

    def abort(self, key: str, upload: str) -> None:
        """Ends an upload, if it is not ended yet; the key is the whole one."""
        from botocore.exceptions import ClientError

        with self.told():
            try:
                self.client.abort_multipart_upload(Bucket=self.address.bucket, Key=key, UploadId=upload)
            except ClientError as error:
                if code_of(error)[0] != "NoSuchUpload":
                    raise

    def remove_written(self, prefix: str = "") -> None:
        """All objects below; manifests first, for nothing is read without one."""
        for listed in sorted(self.listed(prefix), key=lambda each: not each.key.endswith(".json")):
            with self.told():
                self.client.delete_object(Bucket=self.address.bucket, Key=listed.key)

    def remove_all(self, prefix: str = "") -> None:
        """Everything below, finished or not."""
        for upload in self.unfinished(prefix)[0]:
            self.abort(upload.key, upload.upload)
        self.remove_written(prefix)

    def _within(self, prefix: str) -> dict[str, str]:
        return {"Bucket": self.address.bucket, "Prefix": f"{self.address.key(prefix)}/".lstrip("/")}


def sha256(body: bytes) -> str:
    """As S3 takes it."""
    return base64.b64encode(hashlib.sha256(body).digest()).decode()


def _date(page: Mapping[str, Any]) -> datetime | None:
    said = page["ResponseMetadata"]["HTTPHeaders"].get("date")
    try:
        return parsedate_to_datetime(said) if said else None
    except ValueError:
        return None
