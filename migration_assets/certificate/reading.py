"""Reading: a file in, out whether it is a certificate as it was signed, and by whom.

A signature that fits the key in the file proves that the file is one piece, and nothing of who made it:
anybody can make a key. It counts where the key is one of those that are believed here.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from migration_assets.certificate import objects
from migration_assets.certificate.damage import damages
from migration_assets.certificate.found_lines import Damage
from migration_assets.certificate.keys import PublicKey, from_b64url
from migration_assets.certificate.lines import sha256
from migration_assets.certificate.signature import signed
from migration_assets.errors import CertificateRefused

FORMAT = 1
_NOT_SIGNED = (
    "it is not the signature of this file by the key in line 1: it was changed itself, or other lines were "
    "together with their marks and hashes"
)


@dataclass(frozen=True)
class Certificate:
    """A file that is what was signed."""

    head: Mapping[str, Any]
    lines: tuple[bytes, ...]
    #: of the whole file, by which the next certificate names it
    sha256: str

    @property
    def id(self) -> str:
        return str(self.head["certificate"])

    @property
    def entries(self) -> Iterator[Mapping[str, Any]]:
        """One a partition; there may be a hundred thousand."""
        return map(json.loads, self.lines)


@dataclass(frozen=True)
class Read:
    """What a file was found to be."""

    damages: tuple[Damage, ...]
    #: None where it is damaged
    certificate: Certificate | None = None
    #: id of the key that signed it
    key: str = ""
    #: who says that this key is believed; empty: nobody
    believed_by: str = ""

    @property
    def sound(self) -> bool:
        return self.certificate is not None and bool(self.believed_by)


def read(raw: bytes, believed: Mapping[str, tuple[PublicKey, str]]) -> Read:
    """Offline. A file without one damage but with a wrong signature is damaged in its signature."""
    found = damages(raw)
    if found:
        return Read(found)
    lines = raw.split(b"\n")[:-1]
    head, seal = json.loads(lines[0]), json.loads(lines[-1])
    if head["format"] != FORMAT:
        raise CertificateRefused(
            f"The certificate is of format {head['format']}, and this is read: {FORMAT}.",
            advice="Take the version of this project that it names.",
        )
    key = PublicKey.of_jwk(head["signing_key"]["x"])
    payload = raw[: -len(lines[-1]) - 1]
    if not key.holds(from_b64url(seal["signature"]), signed(payload, seal["protected"])):
        return Read((Damage(len(lines), _NOT_SIGNED, "signature"),), key=key.id)
    certificate = Certificate(head, tuple(lines[1:-1]), sha256(raw))
    return Read((), certificate, key.id, believed[key.id][1] if key.id in believed else "")


def read_file(file: Path, believed: Mapping[str, tuple[PublicKey, str]]) -> Read:
    """With the objects of buckets, which are beside it; CertificateRefused where there is no such file."""
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise CertificateRefused(
            f"The certificate {file} cannot be read: {error.strerror}.", advice="Name another file."
        ) from None
    found = read(raw, believed)
    if found.certificate is None:
        return found
    damaged = [
        each
        for at, entry in enumerate(found.certificate.entries, start=2)
        for each in objects.damages(file, at, entry)
    ]
    return Read(tuple(damaged), key=found.key) if damaged else found


def previous_beside(certificate: Certificate, file: Path) -> str:
    """What is wrong with the certificate before this one, where it lies beside it; else nothing."""
    said = certificate.head["previous_certificate"]
    before = file.parent / Path(said["file"]).name if said else None
    if before is None or not before.is_file() or sha256(before.read_bytes()) == said["sha256"]:
        return ""
    return f"{before.name} beside it is not the certificate that it names as the one before."
