"""Against a bucket: the objects of a certificate, and the target (or both sides) as they are now."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from migration_assets.buckets.counted import Counted
from migration_assets.buckets.engine import BucketMigration
from migration_assets.buckets.index import Index
from migration_assets.buckets.model import Found, There
from migration_assets.buckets.part import Part
from migration_assets.certificate.bucket_entry import shown, source_now
from migration_assets.certificate.objects import file_of, read
from migration_assets.checks.outcome import RowKey
from migration_assets.contracts.model import Contract
from migration_assets.errors import CertificateRefused, MigrationError
from migration_assets.planning.meaning import meaning
from migration_assets.stores.trying import tried

PIECE = 1 << 20


@dataclass
class Differing:
    """Objects of the target that are not as certified."""

    missing: int = 0
    changed: int = 0
    extra: int = 0
    #: the first of them, by key
    named: Counted[RowKey] = field(default_factory=Counted[RowKey])

    def __bool__(self) -> bool:
        return bool(self.named)


@dataclass(frozen=True)
class Now:
    """One partition, now."""

    what: str
    rows: tuple[RowKey, ...] = ()
    unnamed: int = 0


def standing(
    contract: Contract,
    certificate: Path,
    entry: Mapping[str, Any],
    environment: Mapping[str, str],
    *,
    both: bool,
) -> Now:
    """The partition of the entry; MigrationError where it cannot be asked."""
    migration = BucketMigration(contract, {}, environment)
    part = migration.part(str(entry["partition"]))
    found, _ = tried(lambda: _compared(part, certificate, entry))
    source = tried(lambda: source_now(part))[0] if both else None
    there = next(each for each in migration.partitions() if each.key == part.key)
    what = judged(entry, found, source, meaning(contract, there))
    return Now(what, tuple(found.named.first), found.named.number - len(found.named.first))


def judged(entry: Mapping[str, Any], found: Differing, source: str | None, means: str) -> str:
    """
    target          source                 contract     then
    as certified    as certified, or not   -            "" (it holds)
                    asked
    as certified    other                  the same     the source changed
    as certified    other                  another      the contract is another one
    other           as certified, or not   -            the target changed
                    asked
    other           other                  -            both changed
    """
    other = source not in (None, entry["fingerprints"]["expected"])
    number = f"{found.missing} missing, {found.changed} changed, {found.extra} that were not there"
    if found and other:
        return f"Target and source do not have the objects that were certified: of the target {number}."
    if found:
        return f"The target's objects are not those that were certified: {number}."
    if other and means != entry["proof"]["meaning"]:
        return "The target is as certified; the contract is another one, and may make other objects."
    return "The target is as certified; the source has other objects now." if other else ""


def _compared(part: Part, certificate: Path, entry: Mapping[str, Any]) -> Differing:
    file = file_of(certificate, entry)
    if file is None:
        raise CertificateRefused(
            f"The certificate says nothing of the objects of {part.contract.name} {part.key}.",
            advice="Certify it again.",
        )
    certified = Index((str(each["target"]), each) for each in read(file))
    found, seen = Differing(), Index[bool]()
    for there in part.there():
        name = shown(part, there.key)
        was = certified.get(name)
        if was is None:
            _extra(found, part, there, int(entry["counts"]["tolerated"]))
            continue
        seen.put(name, True)
        if not _as_certified(part, there, was):
            found.changed += 1
            found.named.add(RowKey(part.named(there.key), "changed"))
    for name, was in certified.items():
        if name not in seen:
            found.missing += 1
            found.named.add(RowKey(_named(part, was), "missing"))
    return found


def _extra(found: Differing, part: Part, there: There, tolerated: int) -> None:
    """What the target alone has; nobody knows which of these were there before, where any were."""
    if part.straight and not tolerated and part.means(part.ends.to_place.behind(there.key)):
        found.extra += 1
        found.named.add(RowKey(part.named(there.key), "extra"))


def _named(part: Part, was: Mapping[str, Any]) -> str:
    """As `Part.named` says it: of a key that is classified the certificate has the hash alone."""
    target = str(was["target"])
    return target[: len(part.named(""))] if part.bucket.personal else part.named(target)


def _as_certified(part: Part, there: There, was: Mapping[str, Any]) -> bool:
    """By size and digests, or ETag; where that is another one, by reading what has a hash on record."""
    if there.size != was["size"]:
        return False
    both = [name for name in was["digests"] if name in there.digests]
    if both:
        return all(there.digests[name] == was["digests"][name] for name in both)
    if there.etag and there.etag == was["etag"]:
        return True
    return bool(was["sha256"]) and _hash(part, there) == was["sha256"]


def _hash(part: Part, there: There) -> str:
    """sha256 of what the target gives now; empty where it cannot be read."""
    reader = part.ends.reader
    if reader is None:
        return ""
    digest = hashlib.sha256()
    try:
        if there.size:
            with reader.open(Found(there.key, there.size, there.etag, "", version=there.version)) as opened:
                for piece in opened.pieces(PIECE):
                    digest.update(piece)
    except MigrationError:
        return ""
    return digest.hexdigest()


def of_entries(
    contract: Contract,
    certificate: Path,
    entries: Mapping[str, Mapping[str, Any]],
    environment: Mapping[str, str],
    *,
    both: bool,
) -> Iterator[tuple[str, Now]]:
    """Each partition that the certificate has of the contract."""
    there = {each.key for each in BucketMigration(contract, {}, environment).partitions()}
    for key, entry in entries.items():
        if key in there:
            yield key, standing(contract, certificate, entry, environment, both=both)
        else:
            yield key, Now("The contract has no such partition any more.")
