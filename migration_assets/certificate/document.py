"""Document: what was proven in, the bytes of a signed certificate out; and where certificates are kept."""

import os
import re
import shutil
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from migration_assets.certificate import objects
from migration_assets.certificate.canonical import Json
from migration_assets.certificate.keys import SigningKey
from migration_assets.certificate.lines import sealed
from migration_assets.certificate.signature import line
from migration_assets.errors import CertificateRefused
from migration_assets.staging.place import slug

CERTIFICATES = "MIGRATION_CERTIFICATES"
SUFFIX = ".certificate.jsonl"
#: seconds; what no process has touched for so long belongs to none
ABANDONED = 86_400.0


@dataclass(frozen=True)
class Folder:
    """Where certificates and keys are kept."""

    path: Path

    @property
    def believed(self) -> Path:
        """Public keys whose signatures count here."""
        return self.path / "believed-keys"

    def objects_of(self, certificate: str) -> "ObjectsFolder":
        return ObjectsFolder(self.path, certificate)

    def newest(self, subject: str) -> tuple[int, Path | None]:
        """Number and file of the last certificate about the subject; 0 where there is none."""
        found: list[tuple[int, Path]] = []
        for file in self.path.glob(f"*{SUFFIX}"):
            match = re.fullmatch(re.escape(slug(subject)) + r"-(\d{4,})" + re.escape(SUFFIX), file.name)
            if match:
                found.append((int(match[1]), file))
        return max(found, default=(0, None))

    def keep(self, subject: str, number: int, raw: bytes) -> Path | None:
        """Writes a certificate, whole or not at all; None where its number is taken."""
        self.path.mkdir(parents=True, exist_ok=True)
        file = self.path / f"{slug(subject)}-{number:04d}{SUFFIX}"
        aside = self.path / f".{file.name}.{os.getpid()}"
        with aside.open("wb") as writing:
            writing.write(raw)
            writing.flush()
            os.fsync(writing.fileno())
        try:
            os.link(aside, file)
        except FileExistsError:
            return None
        finally:
            aside.unlink()
        return file


@dataclass(frozen=True)
class ObjectsFolder:
    """The files of the objects of one certificate: aside until there is a certificate of them."""

    beside: Path
    certificate: str

    def file(self, contract: str, partition: str) -> Path:
        return self._aside / f"{slug(contract)}.{slug(partition)}{objects.SUFFIX}"

    def keep(self) -> None:
        """They are that certificate's from now on; nothing where it has none."""
        if self._aside.is_dir():
            self._aside.rename(self._kept)

    def forget(self) -> None:
        for folder in (self._aside, self._kept):
            shutil.rmtree(folder, ignore_errors=True)

    def sweep(self) -> None:
        """Away with what processes have left that were killed."""
        for folder in self.beside.glob(f".*{objects.folder_of('')}"):
            with suppress(OSError):
                if time.time() - folder.stat().st_mtime > ABANDONED:
                    shutil.rmtree(folder, ignore_errors=True)

    @property
    def _aside(self) -> Path:
        return self.beside / f".{objects.folder_of(self.certificate)}"

    @property
    def _kept(self) -> Path:
        return self.beside / objects.folder_of(self.certificate)


def folder_of(environment: Mapping[str, str], own: Path) -> Folder:
    """`MIGRATION_CERTIFICATES`, else a folder beside the staging that belongs to this instance.

    CertificateRefused for what is no folder."""
    given = environment.get(CERTIFICATES, "")
    if "://" in given:
        raise CertificateRefused(
            f"{CERTIFICATES} is no folder of this machine, and certificates are kept in one.",
            advice="Set it to a folder that lasts; copy certificates to where they are to be kept.",
        )
    return Folder(Path(given) if given else own / "certificates")


def written(key: SigningKey, head: Mapping[str, Json], entries: Sequence[Mapping[str, Json]]) -> bytes:
    """The file: its head, a line for each partition, and the signature over all of them."""
    whole = {**head, "at": 1, "partitions": len(entries), "signing_key": key.public.jwk}
    lines = [sealed("certificate", whole, None)]
    for at, entry in enumerate(entries, start=2):
        lines.append(sealed("partition", {**entry, "at": at, "certificate": head["certificate"]}, lines[-1]))
    payload = b"".join(each + b"\n" for each in lines)
    return payload + line(key, payload) + b"\n"
