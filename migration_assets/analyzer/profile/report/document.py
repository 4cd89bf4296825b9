"""A profile as a document of plain values, to be written as JSON."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from migration_assets.analyzer.profile.model import OUTCOMES, Hazard, Profile, TableProfile

#: of this document's shape
VERSION = 1


def document(profile: Profile) -> dict[str, Any]:
    """Everything that the profile holds; values of rows stand under `tables[].columns` alone."""
    return {
        "version": VERSION,
        **summary(profile),
        "hazards": [asdict(each) for each in profile.all_hazards],
        "tables": [_table(each) for each in profile.tables],
    }


def summary(profile: Profile) -> dict[str, Any]:
    """The profile without values and keys of rows."""
    return {
        "source": profile.source,
        "engine": profile.engine,
        "engine_version": profile.version,
        "made_at": profile.made_at,
        "proposed": profile.proposed,
        "sample_above": profile.sample_above,
        "score": profile.score,
        "outcomes": outcomes(profile.all_hazards),
        **{f"about_{name}": text for name, text in profile.facts.items()},
    }


def outcomes(hazards: tuple[Hazard, ...]) -> Mapping[str, int]:
    """How many hazards there are of each outcome."""
    return {name: sum(each.outcome == name for each in hazards) for name in OUTCOMES}


def _table(table: TableProfile) -> dict[str, Any]:
    return {
        "contract": table.contract,
        "table": table.table,
        "target": table.target,
        "rows": table.rows,
        "read": table.read,
        "sampled": table.sampled,
        "scans": table.scans,
        "seconds": table.seconds,
        "score": table.score,
        "parts": [asdict(part) for part in table.parts],
        "hazards_by_kind": dict(table.by_kind),
        "columns": [asdict(column) for column in table.columns],
    }
