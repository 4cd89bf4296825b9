"""Certificates of waves: what is meant, what stands in the way, and the file once all of it is proven."""

import getpass
import os
import secrets
import socket
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import dagster as dg

from migration_assets.buckets.index import Index
from migration_assets.buckets.part import Part
from migration_assets.buckets.tally import Expected
from migration_assets.certificate.bucket_entry import Objects, write
from migration_assets.certificate.canonical import Json
from migration_assets.certificate.document import Folder, folder_of, written
from migration_assets.certificate.entry import Proven, entry, moment
from migration_assets.certificate.keys import SigningKey, believe, believed, signing_key
from migration_assets.certificate.readiness import Reason, after, before
from migration_assets.certificate.reading import FORMAT, read_file
from migration_assets.checks.from_contract import specs
from migration_assets.checks.outcome import CheckOutcome
from migration_assets.contracts.model import Contract
from migration_assets.control import records
from migration_assets.control.certificate_subject import Subject
from migration_assets.control.plan import Step
from migration_assets.control.project import own_folder
from migration_assets.control.standing import Standings, standings
from migration_assets.control.verify import Verified, Wish, verified
from migration_assets.planning.keys import partitions
from migration_assets.tables.verify.proof import Proof

#: fingerprints that mean the same at any time, whatever the databases and their versions are
_WISH = Wish(method="client")
#: by contract, partition and check: whether the check keeps a partition out, and whether it holds
Earlier = Mapping[str, Mapping[str, Mapping[str, tuple[bool, bool | None]]]]


@dataclass(frozen=True)
class Known:
    """What ledger and instance know before any row is read; nothing is compared while there are reasons."""

    standings: Standings
    earlier: Earlier
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class Made:
    """The certificate, or why there is none."""

    subject: str
    file: Path | None = None
    key: str = ""
    certificate: str = ""
    partitions: int = 0
    rows: int = 0
    previous: str = ""
    reasons: tuple[Reason, ...] = ()
    exit_code: int = 0


@dataclass
class Comparison:
    """The comparisons as they come, when each was done, and what was written of the objects of buckets."""

    #: of the certificate that is to come
    id: str = field(default_factory=lambda: secrets.token_hex(16))
    found: list[Verified] = field(default_factory=list)
    at: dict[tuple[str, str], datetime] = field(default_factory=dict)
    objects: dict[tuple[str, str], Objects] = field(default_factory=dict)

    def run(
        self,
        subject: Subject,
        contracts: Mapping[str, Contract],
        environment: Mapping[str, str],
        on_proof: Callable[[Proof], None] = lambda _: None,
    ) -> Iterator[Verified]:
        folder = _desk(environment)[0].objects_of(self.id)

        def noted(proof: Proof) -> None:
            self.at[proof.contract, proof.partition] = datetime.now(UTC)
            on_proof(proof)

        def written_down(part: Part, expected: Index[Expected]) -> None:
            file = folder.file(part.contract.name, part.key)
            self.objects[part.contract.name, part.key] = write(file, part, expected)

        folder.sweep()
        for each in verified(subject.steps, contracts, environment, replace(_WISH, told=written_down), noted):
            self.found.append(each)
            yield each


def known(instance: dg.DagsterInstance, subject: Subject, environment: Mapping[str, str]) -> Known:
    """MigrationError where a ledger cannot be asked or nothing can be signed."""
    loads = standings([step.contract for step in subject.steps], environment)
    earlier = {step.contract.name: _earlier(instance, step) for step in subject.steps}
    # what keeps a certificate from being written is said before hours of comparison
    _, _, refused = _previous(_desk(environment)[0], subject, environment)
    reasons = [refused] if refused else []
    for step in subject.steps:
        states = records.states(instance, step.contract, step.all_partitions)
        for key in step.partitions:
            load = loads[step.contract.name].get(key)
            found = before(step.contract, key, load, states[key], earlier[step.contract.name][key])
            reasons += [found] if found else []
    return Known(loads, earlier, tuple(reasons))


def _earlier(instance: dg.DagsterInstance, step: Step) -> dict[str, dict[str, tuple[bool, bool | None]]]:
    """The checks that no comparison makes, as they were made with the load. What is on `transformed` has
    held, or only warned, or nothing would be loaded: it may be missing."""
    contract = step.contract
    mine = [spec for spec in specs(contract) if spec.name not in ("count", "checksum", "referential")]
    # those of a bucket that are on `loaded` are all made by the comparison
    mine = [spec for spec in mine if contract.bucket is None or spec.stage == "transformed"]
    found = records.on_record(instance, contract, mine)
    forgiven = "transformed" if contract.bad_rows == "quarantine" else ""
    return {
        key: {
            spec.name: (spec.blocking and spec.stage != forgiven, found[spec.name].get(key))
            for spec in mine
            if spec.stage == "loaded" or key in found[spec.name]
        }
        for key in step.partitions
    }


def certified(
    subject: Subject, before_it: Known, comparison: Comparison, run: str, environment: Mapping[str, str]
) -> Made:
    """Writes the certificate, where nothing stands in the way."""
    again = standings([step.contract for step in subject.steps], environment)
    proven, reasons, code = _proven(subject, before_it, comparison, again)
    folder, key = _desk(environment)
    objects = folder.objects_of(comparison.id)
    if reasons:
        objects.forget()
        return Made(subject.name, reasons=tuple(reasons), exit_code=code or 1)
    objects.keep()
    believe(key.public, folder.believed)
    entries = [entry(each, run, environment) for each in proven]
    while True:
        number, previous, reason = _previous(folder, subject, environment)
        if reason:
            objects.forget()
            return Made(subject.name, reasons=(reason,), exit_code=1)
        head = _head(comparison.id, subject, number, previous)
        # another one may have been written just now: then this one comes after it
        if file := folder.keep(subject.name, number, written(key, head, entries)):
            break
    rows = sum(each.proof.compared.target.rows for each in proven)
    before_this = str(previous["file"]) if previous else ""
    return Made(subject.name, file, key.public.id, str(head["certificate"]), len(proven), rows, before_this)


def _head(
    certificate: str, subject: Subject, number: int, previous: Mapping[str, Json] | None
) -> dict[str, Json]:
    return {
        "certificate": certificate,
        "format": FORMAT,
        "made_at": moment(datetime.now(UTC)),
        "made_by": f"{_user()}@{socket.gethostname()}",
        "number": number,
        "previous_certificate": previous,
        "software": {"name": "migration-assets", "version": _version()},
        "subject": subject.said,
    }


def _desk(environment: Mapping[str, str]) -> tuple[Folder, SigningKey]:
    """CertificateRefused where nothing can be signed."""
    folder = folder_of(environment, own_folder(environment))
    return folder, signing_key(environment, folder.path)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return str(os.getuid())


def _proven(
    subject: Subject, before_it: Known, comparison: Comparison, again: Standings
) -> tuple[list[Proven], list[Reason], int]:
    proven: list[Proven] = []
    reasons: list[Reason] = []
    by_name = {step.contract.name: step.contract for step in subject.steps}
    for each in comparison.found:
        name, contract = each.contract, by_name[each.contract]
        if each.failure:
            reasons.append(Reason(name, "", f"It could not be compared. {each.failure}", ""))
        if each.structure:
            why = f"Its table is not as the contract says: {' '.join(each.structure)}"
            reasons.append(Reason(name, "", why, f"Alter it; `migrate verify {name}` proposes how."))
        there = {partition.key: partition for partition in partitions(contract)}
        for proof in each.proofs:
            key = proof.partition
            checks: tuple[CheckOutcome, ...] = (each.outcomes or {}).get(key, ())
            at = comparison.at[name, key]
            load, earlier = before_it.standings[name][key], before_it.earlier[name][key]
            one = Proven(
                contract, there[key], load, proof, checks, earlier, at, comparison.objects.get((name, key))
            )
            reason = after(proof, one, again[name].get(key))
            proven.append(one)
            reasons += [reason] if reason else []
    return proven, reasons, max((each.exit_code for each in comparison.found), default=0)


def _previous(
    folder: Folder, subject: Subject, environment: Mapping[str, str]
) -> tuple[int, dict[str, Json] | None, Reason | None]:
    """The number of the next certificate, and the one before it; why that is nothing to go on from."""
    number, file = folder.newest(subject.name)
    if file is None:
        return 1, None, None
    keys = {**believed(environment, folder.believed, None), **believed({}, folder.believed, None)}
    found = read_file(file, keys)
    if found.certificate is None or not found.sound:
        why = (
            f"The certificate before it, {file.name}, is not what was signed by a key that is believed here."
        )
        step = f"`migrate certificate --check {file}` says where. Move it away to begin anew."
        return number + 1, None, Reason(subject.name, "", why, step)
    said: dict[str, Json] = {
        "file": file.name,
        "id": found.certificate.id,
        "sha256": found.certificate.sha256,
    }
    return number + 1, said, None


def _version() -> str:
    try:
        return version("migration-assets")
    except PackageNotFoundError:
        return ""
