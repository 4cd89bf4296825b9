"""Staged sets in S3: `<prefix>/<contract>/<partition>/<generation>-<run>/<stage>/`.

Every attempt writes its rows under a name of its own, so that two of them never touch one another's bytes;
which one counts is what the manifest says, and that is written last, on condition that nobody was faster.
"""

import logging
import secrets
from collections.abc import Generator, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePosixPath

from migration_assets.errors import ConnectionRefused, MigrationError, StagingRefused
from migration_assets.staging import reading
from migration_assets.staging.holding import ObjectHolding
from migration_assets.staging.manifest import StagedFile
from migration_assets.staging.objects import Objects
from migration_assets.staging.partition import damaged
from migration_assets.staging.place import slug
from migration_assets.staging.scratch import Scratch, scratch
from migration_assets.staging.upload import Upload
from migration_assets.stores.s3 import address

VARIABLE = "MIGRATION_STAGING"
ENCRYPTION = "MIGRATION_STAGING_ENCRYPTION"

#: an upload of another run that is as old as this belongs to nobody any more
ABANDONED = timedelta(hours=24)

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PartitionPrefix:
    """The place of one partition."""

    objects: Objects
    contract: str

    def names(self) -> list[str]:
        begun: dict[str, datetime] = {}
        start = len(self.objects.address.prefix) + 1
        for listed in self.objects.listed():
            name = listed.key[start:].partition("/")[0]
            begun[name] = min(listed.written, begun.get(name, listed.written))
        return sorted(begun, key=lambda name: (begun[name], name), reverse=True)

    def unfinished(self) -> list[str]:
        start = len(self.objects.address.prefix) + 1
        with _left_for_the_next_time():
            return [each.key[start:].partition("/")[0] for each in self.objects.unfinished()[0]]
        return []

    def files(self, name: str) -> list[str]:
        start = len(self.objects.address.prefix) + 1
        return sorted(listed.key[start:] for listed in self.objects.listed(name))

    def begin(self, name: str) -> None:
        """Likewise ends uploads of this partition that nobody can be waiting for."""
        mine = f"{self.objects.address.key(name)}/"
        uploads, now = self.objects.unfinished()
        for each in uploads:
            if each.key.startswith(mine) or (now and now - each.begun > ABANDONED):
                self.objects.abort(each.key, each.upload)
        self.objects.remove_written(name)

    def remove(self, name: str) -> None:
        with _left_for_the_next_time():
            self.objects.remove_all(name)

    @contextmanager
    def writing(self, path: str) -> Generator[Upload]:
        asked = PurePosixPath(path)
        own = asked.with_name(f"{asked.stem}-{secrets.token_hex(4)}{asked.suffix}")
        upload = Upload(self.objects, str(own))
        try:
            yield upload
            upload.finish()
        except BaseException:
            upload.abort()
            raise

    def put(self, path: str, text: str) -> None:
        self.objects.put_text(path, text)

    def text(self, path: str) -> str | None:
        found = self.objects.text_and_tag(path)
        return found[0] if found else None

    def pieces(self, file: StagedFile, size: int) -> Iterator[bytes]:
        try:
            yield from reading.pieces(self.objects, file, size)
        except reading.Missing:
            raise damaged(file, self.contract) from None

    def changed_on_its_way(self, file: StagedFile) -> bool:
        return reading.is_as_written(self.objects, file)

    def holding(self, run: str) -> ObjectHolding:
        return ObjectHolding(self.objects, run)

    def scratch(self) -> AbstractContextManager[Scratch]:
        return scratch()


@dataclass(frozen=True)
class Prefix:
    """A prefix of a bucket as the root of all staged sets."""

    objects: Objects

    @classmethod
    def of(cls, url: str, environment: Mapping[str, str]) -> "Prefix":
        """ConnectionRefused for what names no place, or no encryption; nothing is asked yet."""
        return cls(Objects(address(url, VARIABLE), environment, VARIABLE, encryption(environment)))

    @property
    def shown(self) -> str:
        return str(self.objects.address)

    def place(self, contract: str, partition: str) -> PartitionPrefix:
        return PartitionPrefix(self.objects.below(slug(contract), slug(partition)), contract)

    def forget(self, contract: str) -> None:
        self.objects.remove_all(slug(contract))

    @contextmanager
    def aside(self) -> Generator["Prefix"]:
        aside = Prefix(self.objects.below(f"probe-{secrets.token_hex(8)}"))
        try:
            yield aside
        finally:
            with _left_for_the_next_time():
                aside.objects.remove_all()

    def try_out(self) -> None:
        """Writes, reads, lists and removes."""
        with self.aside() as aside:
            aside.objects.put_text("probe", "\n")
            if aside.objects.text_and_tag("probe") is None or not list(aside.objects.listed()):
                raise StagingRefused(
                    f"{self.shown} does not keep what is written to it.",
                    advice="Set MIGRATION_STAGING to a bucket that does.",
                )
            aside.objects.remove_all()

    def free(self) -> int | None:
        return None


def encryption(environment: Mapping[str, str]) -> dict[str, str]:
    """What is said with each object; ConnectionRefused for what is no encryption of S3's.

    MIGRATION_STAGING_ENCRYPTION    then
    nothing                         as the bucket has it
    AES256                          S3's own keys
    aws:kms                         the account's key
    arn:aws:kms:…                   this key
    """
    said = environment.get(ENCRYPTION, "")
    if not said:
        return {}
    if said in ("AES256", "aws:kms"):
        return {"ServerSideEncryption": said}
    if said.startswith("arn:"):
        return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": said}
    raise ConnectionRefused(
        "MIGRATION_STAGING_ENCRYPTION is no encryption of S3's.",
        advice="Set it to AES256, aws:kms or the ARN of a key, or leave it unset.",
    )


@contextmanager
def _left_for_the_next_time() -> Generator[None]:
    """What was not removed is removed by the next run; rows that are loaded are not doubted for it."""
    try:
        yield
    except MigrationError as error:
        _log.warning("Staged files of earlier runs are still there: %s", error)
