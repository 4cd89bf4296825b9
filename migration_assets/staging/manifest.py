"""Manifest: what a stage wrote, sealed; nothing is loaded from a file that has none."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from migration_assets.errors import StagingRefused

FORMAT = 1


@dataclass(frozen=True)
class StagedFile:
    """A file of rows: `path` relative to the partition's folder, size in bytes, sha256 in hex."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """One stage of one partition: which rows, from where, and how they can be proven."""

    contract: str
    contract_version: str
    digest: str
    partition: str
    generation: int
    run_id: str
    stage: str
    rows: int
    #: `fingerprint.Fingerprint` as text
    fingerprint: str
    files: tuple[StagedFile, ...]
    #: names of the fields of a line, in order
    columns: tuple[str, ...]
    #: ISO 8601, UTC
    written_at: str
    #: stage-specific: snapshot, misfits, quarantined, source schema, …
    facts: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> str:
        body = {"format": FORMAT, **asdict(self)}
        return json.dumps({**body, "seal": _seal(body)}, indent=1, sort_keys=True)

    @classmethod
    def from_json(cls, text: str, place: str) -> "Manifest":
        """The manifest of that text; StagingRefused when anything about it is in doubt."""
        try:
            body: dict[str, Any] = json.loads(text)
            seal = body.pop("seal")
            if seal != _seal(body) or body.pop("format") != FORMAT:
                raise ValueError
            files = tuple(StagedFile(**file) for file in body.pop("files"))
            columns = tuple(body.pop("columns"))
            return cls(files=files, columns=columns, **body)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise StagingRefused(
                f"The manifest {place} is damaged, so its rows are not loaded; the target is unchanged.",
                advice="Materialize `extracted` of this partition again.",
            ) from None


def _seal(body: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
