"""Where wave files lie: a folder, or a prefix of a bucket."""

from collections.abc import Mapping
from pathlib import Path

from migration_assets.waves.places.base import Document, Place
from migration_assets.waves.places.folder import Folder

__all__ = ["WAVES", "Document", "Folder", "Place", "place_of"]

WAVES = "MIGRATION_WAVES"
_CONTRACTS = "MIGRATION_CONTRACTS"


def place_of(environment: Mapping[str, str], root: Path | None = None) -> Place:
    """`MIGRATION_WAVES`: a folder (from `root`, or the current folder, on) or `s3://bucket/prefix`.

    Without it, `waves` in the folder of the contracts."""
    said = environment.get(WAVES)
    if said and said.startswith("s3://"):
        from migration_assets.waves.places.s3 import S3Prefix

        return S3Prefix.at(said, environment)
    path = Path(said) if said else Path(environment.get(_CONTRACTS) or "data_contracts", "waves")
    return Folder((root or Path()) / path)
