"""Signature: the last line of a certificate, over every byte before it.

It is a JSON Web Signature (RFC 7515) in the flattened JSON form, with Ed25519 (RFC 8037) and a payload
that is detached and not encoded (RFC 7797: `b64: false`): what is signed is the protected header as
base64url, a dot, and the file up to this line. So any JOSE library checks it, and so does `openssl`.
"""

from migration_assets.certificate.canonical import canonical
from migration_assets.certificate.keys import PublicKey, SigningKey, b64url
from migration_assets.certificate.lines import sha256

TYPE = "migration-certificate"


def protected(key: PublicKey, last: bytes) -> str:
    """The protected header, as base64url; it names the key, and the line before the signature by its hash."""
    header = {
        "alg": "EdDSA",
        "b64": False,
        "crit": ["b64"],
        "kid": key.id,
        "last": sha256(last),
        "typ": TYPE,
    }
    return b64url(canonical(header))


def signed(payload: bytes, header: str) -> bytes:
    """What the signature is over."""
    return header.encode() + b"." + payload


def line(key: SigningKey, payload: bytes) -> bytes:
    """The signature of a payload, which is whole lines."""
    header = protected(key.public, payload.rstrip(b"\n").rpartition(b"\n")[2])
    signature = key.key.sign(signed(payload, header))
    return canonical({"protected": header, "signature": b64url(signature)})
