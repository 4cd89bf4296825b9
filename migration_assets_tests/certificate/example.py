"""A certificate of six partitions that no database is needed for."""

from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from migration_assets.certificate.canonical import Json
from migration_assets.certificate.document import written
from migration_assets.certificate.keys import PublicKey, SigningKey
from migration_assets.certificate.reading import Read, read

KEY = SigningKey(Ed25519PrivateKey.generate())
BELIEVED: dict[str, tuple[PublicKey, str]] = {KEY.public.id: (KEY.public, "the test")}
HEAD: dict[str, Json] = {
    "certificate": "0c" * 16,
    "format": 1,
    "made_at": "2026-01-02T03:04:05.000000Z",
    "made_by": "ann@desk",
    "number": 1,
    "previous_certificate": None,
    "software": {"name": "migration-assets", "version": "0.1.0"},
    "subject": {"names": ["first"], "wave": None},
}
PLACE: dict[str, Json] = {
    "server": "cloud",
    "engine": "postgresql",
    "host": None,
    "database": "a",
    "table": "b.c",
}


def entry(number: int) -> dict[str, Json]:
    return {
        "contract": "orders",
        "partition": f"größe {number:04d}",
        "source": {**PLACE, "server": "legacy"},
        "target": PLACE,
        "snapshots": {"of_source": "snapshot 1:2:", "of_target": "snapshot 3:4:"},
        "counts": {"read": number, "quarantined": 0, "expected": number, "found": number, "tolerated": 0},
        "fingerprints": dict.fromkeys(("expected", "found", "loaded"), f"{number}:{number:032x}"),
        "checks": [{"name": "count", "blocking": True, "passed": True, "made": "with the proof"}],
        "load": {"generation": 1, "state": "loaded", "run": "run-1", "loaded_at": "2026-01-02T03:04:05Z"},
        "proof": {"run": "run-2", "proven_at": "2026-01-02T03:04:05Z", "meaning": "0" * 32},
    }


def certificate(key: SigningKey = KEY, **head: Json) -> bytes:
    return written(key, {**HEAD, **head}, [entry(number) for number in range(6)])


def checked(raw: bytes, believed: Mapping[str, tuple[PublicKey, str]] = BELIEVED) -> Read:
    return read(raw, believed)
