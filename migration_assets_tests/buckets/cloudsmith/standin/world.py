"""What the stand-in holds: repositories, files that were uploaded, packages, the recycle bin."""

import secrets
import shutil
import string
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from migration_assets_tests.buckets.cloudsmith.standin import contents
from migration_assets_tests.buckets.cloudsmith.standin.faulty import OF_PACKAGES, Faults

_SIGNS = string.ascii_letters + string.digits
DUPLICATE = (
    "A package with the same attributes already exists. Since Replace Package w/ Same Version was not enabled, "
    "this package cannot be synchronised and should be deleted."
)


def slug(length: int = 16) -> str:
    return "".join(secrets.choice(_SIGNS) for _ in range(length))


@dataclass
class Upload:
    """A file on its way into a package."""

    identifier: str
    owner: str
    repository: str
    filename: str
    method: str
    md5: str = ""
    sha256: str = ""
    file: Path | None = None
    parts: dict[int, Path] = field(default_factory=dict)
    used: bool = False
    #: whether its URL is not good any more
    expired: bool = False


@dataclass
class Stored:
    """A package, in whatever state."""

    slug_perm: str
    slug: str
    owner: str
    repository: str
    format: str
    filename: str
    name: str
    version: str
    said: dict[str, Any]
    file: Path
    #: the others that it was made of (pom, sources), by the field that named them
    others: dict[str, Upload]
    created: float
    number: int
    digests: dict[str, str] = field(default_factory=dict)
    #: when synchronisation ends
    due: float = 0.0
    state: str = "awaiting"
    reason: str = ""
    finished: float = 0.0
    #: whether a policy takes it away from everybody once it is synchronised
    unwanted: bool = False
    uploader: str = "tester"
    #: when it was deleted; 0: it was not
    deleted: float = 0.0

    @property
    def whole(self) -> bool:
        return self.state in ("completed", "quarantined")

    @property
    def size(self) -> int:
        return self.file.stat().st_size

    @property
    def identity(self) -> tuple[str, ...]:
        """What may be there once."""
        match self.format:
            case "generic":
                return ("generic", str(self.said["filepath"]))
            case "raw":
                return ("raw", self.name, self.version, self.filename)
            case "maven":
                said = (str(self.said.get(each) or "") for each in ("group_id", "artifact_id", "version"))
                return ("maven", *said, self.filename)
            case _:
                return (self.format, self.name, str(self.said.get("distribution") or ""), self.filename)


@dataclass
class World:
    """Everything, behind one lock."""

    folder: Path
    faults: Faults
    #: seconds from creation until a package is synchronised
    delay: float = 0.2
    #: bytes that all packages of an owner may take
    storage: int = 500 * 2**30
    largest: int = 5 * 2**30
    #: bytes of each part but the last
    smallest_part: int = 5 * 2**20
    plan: str = "pro"
    #: seconds that a listing is behind: what was made is not listed yet, what was deleted is listed still
    lag: float = 0.0
    #: seconds after which a package that is synchronised has its checksums
    late_sums: float = 0.0
    #: whether files of packages are renamed as their format has names: nobody says that they are not
    renaming: bool = False
    #: repositories that replace packages unless an upload says that it does not
    replacing: set[tuple[str, str]] = field(default_factory=set)
    repositories: set[tuple[str, str]] = field(default_factory=set)
    uploads: dict[str, Upload] = field(default_factory=dict)
    packages: dict[str, Stored] = field(default_factory=dict)
    bin: dict[str, Stored] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)
    #: entitlement tokens by repository
    tokens: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    #: provenance that was attached, by slug
    metadata: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    _numbers: int = 0
    #: what was deleted, the newest last
    _gone: list[Stored] = field(default_factory=list)

    def make(self, owner: str, repository: str) -> None:
        self.repositories.add((owner, repository))
        self.tokens.setdefault((owner, repository), {"Default": slug()})

    def used(self, owner: str) -> int:
        with self.lock:
            return sum(each.size for each in self.packages.values() if each.owner == owner)

    def request(self, owner: str, repository: str, said: dict[str, Any]) -> Upload:
        upload = Upload(
            slug(),
            owner,
            repository,
            said["filename"],
            said.get("method") or "post",
            (said.get("md5_checksum") or "").lower(),
            (said.get("sha256_checksum") or "").lower(),
        )
        with self.lock:
            self.uploads[upload.identifier] = upload
        return upload

    def place(self) -> Path:
        """For a file that is not there yet."""
        return self.folder / slug(24)

    def complete(self, upload: Upload) -> str:
        """Parts become one file; why not, else."""
        if not upload.parts or sorted(upload.parts) != list(range(1, len(upload.parts) + 1)):
            return "Parts of the upload are missing."
        if any(upload.parts[at].stat().st_size < self.smallest_part for at in sorted(upload.parts)[:-1]):
            return "A part of the upload is too small."
        whole = self.place()
        with whole.open("wb") as out:
            for number in sorted(upload.parts):
                with upload.parts[number].open("rb") as part:
                    shutil.copyfileobj(part, out, 2**20)
                upload.parts[number].unlink()
        upload.parts.clear()
        if upload.md5 and upload.md5 != contents.digests(whole)["md5"]:
            whole.unlink()
            return "The checksum is not that of the upload."
        upload.file = whole
        return ""

    def abort(self, upload: Upload) -> None:
        with self.lock:
            self.uploads.pop(upload.identifier, None)
        for part in upload.parts.values():
            part.unlink(missing_ok=True)

    def unfinished(self) -> list[str]:
        return [each.filename for each in self.uploads.values() if each.parts]

    def create(
        self, owner: str, repository: str, format: str, said: dict[str, Any], files: dict[str, Upload]
    ) -> Stored:
        upload = files["package_file"]
        assert upload.file is not None
        if self.faults.due(upload.filename, frozenset({"flip"})):
            contents.flip(upload.file)
        name, version = contents.named(format, upload.filename, said)
        with self.lock:
            for each in files.values():
                each.used = True
            self._numbers += 1
            stored = Stored(
                slug(),
                f"{contents.slugged(name or upload.filename)}-{slug(4).lower()}",
                owner,
                repository,
                format,
                self._renamed(format, str(said.get("filepath") or upload.filename).rsplit("/", 1)[-1]),
                name,
                version,
                said,
                upload.file,
                {field: each for field, each in files.items() if field != "package_file"},
                time.time(),
                self._numbers,
            )
            fault = self.faults.due(stored.filename, OF_PACKAGES - {"flip"})
            stored.due = float("inf") if fault and fault.action == "stuck" else stored.created + self.delay
            stored.reason = "The package could not be processed." if fault and fault.action == "fail" else ""
            stored.unwanted = bool(fault and fault.action == "quarantine")
            self.packages[stored.slug_perm] = stored
        return stored

    def _renamed(self, format: str, filename: str) -> str:
        return filename.lower() if self.renaming and format in ("nuget", "python") else filename

    def advance(self) -> None:
        """Whatever is due is synchronised, or fails to be."""
        now = time.time()
        with self.lock:
            for each in sorted(self.packages.values(), key=lambda each: each.number):
                if each.state == "awaiting" and each.due <= now:
                    self._synchronise(each)

    def _synchronise(self, stored: Stored) -> None:
        stored.finished = stored.due
        reason = stored.reason or contents.unreadable(stored.format, stored.file)
        twin = next(
            (
                each
                for each in self.packages.values()
                if each.whole
                and (each.owner, each.repository) == (stored.owner, stored.repository)
                and each.identity == stored.identity
            ),
            None,
        )
        replaces = stored.said.get("republish")
        if replaces is None:
            replaces = (stored.owner, stored.repository) in self.replacing
        if not reason and twin and not replaces:
            reason = DUPLICATE
        if not reason and self.used(stored.owner) > self.storage:
            reason = "The storage quota has been exceeded."
        if reason:
            stored.state, stored.reason = "failed", reason
            return
        if twin:
            self.delete(twin)
        stored.digests = contents.digests(stored.file)
        stored.state = "quarantined" if stored.unwanted else "completed"

    def delete(self, stored: Stored) -> None:
        """Into the recycle bin, but for what never was whole."""
        with self.lock:
            if self.packages.pop(stored.slug_perm, None) is None:
                return
            stored.deleted = time.time()
            self._gone.append(stored)
            if stored.whole:
                self.bin[stored.slug_perm] = stored

    def restore(self, slug_perm: str) -> bool:
        """Unless another one has its place."""
        with self.lock:
            stored = self.bin.get(slug_perm)
            if stored is None or any(
                each.whole and each.identity == stored.identity
                for each in self.packages.values()
                if (each.owner, each.repository) == (stored.owner, stored.repository)
            ):
                return False
            self.packages[slug_perm] = self.bin.pop(slug_perm)
            stored.deleted = 0.0
            return True

    def resync(self, stored: Stored) -> None:
        with self.lock:
            stored.state, stored.reason, stored.due = "awaiting", "", time.time() + self.delay

    def of(self, owner: str, repository: str) -> list[Stored]:
        self.advance()
        with self.lock:
            return [
                each
                for each in self.packages.values()
                if (each.owner, each.repository) == (owner, repository)
            ]

    def listed(self, owner: str, repository: str) -> list[Stored]:
        """As a listing has it, which is some time behind."""
        now = time.time()
        found = [each for each in self.of(owner, repository) if each.created + self.lag <= now]
        if self.lag:
            found += [
                each
                for each in self._gone
                if (each.owner, each.repository) == (owner, repository)
                and each.created + self.lag <= now < each.deleted + self.lag
            ]
        return found

    def one(self, owner: str, repository: str, identifier: str) -> Stored | None:
        """By slug, permanent or not."""
        found = self.of(owner, repository)
        return next((each for each in found if identifier in (each.slug_perm, each.slug)), None)
