"""Keys: who signs certificates here, and whose signatures are believed.

A private key is an Ed25519 key in PKCS #8 PEM, a public one in SubjectPublicKeyInfo PEM, as `openssl`
reads and writes them. A key goes by its JWK thumbprint (RFC 7638).
"""

import base64
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from migration_assets.certificate.canonical import canonical
from migration_assets.errors import CertificateRefused

PRIVATE = "MIGRATION_SIGNING_KEY"
PUBLIC = "MIGRATION_TRUSTED_KEYS"
_PEM = "-----BEGIN "
_RAW = serialization.Encoding.Raw, serialization.PublicFormat.Raw


def b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_b64url(text: str) -> bytes:
    """ValueError for what is not the one way to write these bytes."""
    data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if b64url(data) != text:
        raise ValueError("not the only way to write it")
    return data


@dataclass(frozen=True)
class PublicKey:
    key: Ed25519PublicKey

    @property
    def jwk(self) -> dict[str, str]:
        """RFC 8037"""
        return {"crv": "Ed25519", "kty": "OKP", "x": b64url(self.key.public_bytes(*_RAW))}

    @property
    def id(self) -> str:
        return b64url(hashlib.sha256(canonical(self.jwk)).digest())

    @property
    def pem(self) -> bytes:
        spki = serialization.PublicFormat.SubjectPublicKeyInfo
        return self.key.public_bytes(serialization.Encoding.PEM, spki)

    def holds(self, signature: bytes, data: bytes) -> bool:
        try:
            self.key.verify(signature, data)
        except InvalidSignature:
            return False
        return True

    @classmethod
    def of_jwk(cls, x: str) -> "PublicKey":
        """ValueError for what is no key."""
        return cls(Ed25519PublicKey.from_public_bytes(from_b64url(x)))

    @classmethod
    def of_pem(cls, pem: bytes, origin: str) -> "PublicKey":
        try:
            key = serialization.load_pem_public_key(pem)
        except (ValueError, UnsupportedAlgorithm):
            key = None
        if not isinstance(key, Ed25519PublicKey):
            raise CertificateRefused(
                f"There is no public Ed25519 key in {origin}.",
                advice="It is a PEM that begins with `-----BEGIN PUBLIC KEY-----`.",
            )
        return cls(key)


@dataclass(frozen=True)
class SigningKey:
    key: Ed25519PrivateKey

    @property
    def public(self) -> PublicKey:
        return PublicKey(self.key.public_key())

    @classmethod
    def of_pem(cls, pem: bytes, origin: str) -> "SigningKey":
        try:
            key = serialization.load_pem_private_key(pem, None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            key = None
        if not isinstance(key, Ed25519PrivateKey):
            raise CertificateRefused(
                f"There is no private Ed25519 key without a password in {origin}.",
                advice="`openssl genpkey -algorithm ed25519` makes one.",
            )
        return cls(key)


def signing_key(environment: Mapping[str, str], folder: Path) -> SigningKey:
    """That of `MIGRATION_SIGNING_KEY` (a PEM, or the file of one), else the folder's own, made on first use.

    CertificateRefused for a file that others may read: whoever has the key can sign anything."""
    given = environment.get(PRIVATE, "")
    if given.lstrip().startswith(_PEM):
        return SigningKey.of_pem(given.replace("\\n", "\n").encode(), PRIVATE)
    file = Path(given) if given else folder / "signing-key.pem"
    if not given and not file.exists():
        _make(file)
    _refuse_open(file)
    return SigningKey.of_pem(_read(file), str(file))


def believe(key: PublicKey, folder: Path) -> Path:
    """Keeps the public key among those that are believed here."""
    file = folder / f"{key.id}.pem"
    file.parent.mkdir(parents=True, exist_ok=True)
    if not file.exists():
        aside = file.with_name(f".{file.name}.{os.getpid()}")
        aside.write_bytes(key.pem)
        aside.replace(file)
    return file


def believed(
    environment: Mapping[str, str], folder: Path, given: Path | None
) -> dict[str, tuple[PublicKey, str]]:
    """The public keys whose signatures count, by their ids, and who says so: `--key` alone where it is
    said, else `MIGRATION_TRUSTED_KEYS` (a PEM, a file, or a folder of files), else the folder."""
    said = environment.get(PUBLIC, "")
    if given is not None:
        found = [(PublicKey.of_pem(_read(given), str(given)), f"--key {given}")]
    elif said.lstrip().startswith(_PEM):
        found = [(PublicKey.of_pem(said.replace("\\n", "\n").encode(), PUBLIC), PUBLIC)]
    else:
        place = Path(said) if said else folder
        files = sorted(place.glob("*.pem")) if place.is_dir() or not said else [place]
        found = [(PublicKey.of_pem(_read(file), str(file)), str(file)) for file in files]
    return {key.id: (key, origin) for key, origin in found}


def _make(file: Path) -> None:
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.parent.mkdir(parents=True, exist_ok=True)
    aside = file.with_name(f".{file.name}.{os.getpid()}")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as writing:
        writing.write(pem)
        writing.flush()
        os.fsync(writing.fileno())
    try:
        os.link(aside, file)  # the first of two that make one at once wins
    except FileExistsError:
        pass
    finally:
        aside.unlink()


def _refuse_open(file: Path) -> None:
    if file.exists() and file.stat().st_mode & 0o077:
        raise CertificateRefused(
            f"The private key {file} may be read by others than its owner.",
            advice=f"`chmod 600 {file}`, or make another where others may have read it.",
        )


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise CertificateRefused(
            f"The key {file} cannot be read: {error.strerror}.", advice="Name another file."
        ) from None
