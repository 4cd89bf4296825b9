"""What people said of a wave: that it may start, or that it may go on; who, and when.

Each is a materialization of its wave's partition in an asset of its own, so that Dagster's UI shows and
takes it with one click. It holds for what the wave moves at that time: another work needs another word.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import dagster as dg

from migration_assets.control.names import APPROVALS, RELEASES, WORK_TAG
from migration_assets.waves.model import Wave

Word = Literal["approved", "released"]
_ASSETS: dict[Word, str] = {"approved": APPROVALS, "released": RELEASES}
#: so many words on one wave are looked at, newest first
_PAGE = 1000


@dataclass(frozen=True)
class Consent:
    by: str
    #: ISO 8601 in UTC
    at: str


def key_of(word: Word) -> dg.AssetKey:
    return dg.AssetKey([_ASSETS[word]])


def given(wave: Wave, by: str, now: datetime) -> tuple[dict[str, str], dict[str, str]]:
    """Tags and metadata of the event that says it."""
    at = now.astimezone(UTC).isoformat(timespec="seconds")
    return {WORK_TAG: wave.work}, {"by": by, "at": at, "wave": f"{wave.name}, version {wave.version}"}


def record(instance: dg.DagsterInstance, word: Word, wave: Wave, by: str, now: datetime) -> None:
    tags, metadata = given(wave, by, now)
    event = dg.AssetMaterialization(key_of(word), partition=wave.name, tags=tags, metadata=metadata)
    instance.report_runless_asset_event(event)


def said(instance: dg.DagsterInstance, word: Word, wave: Wave) -> tuple[Consent, ...]:
    """Newest first."""
    return tuple(_said(instance, word, wave))


def _said(instance: dg.DagsterInstance, word: Word, wave: Wave) -> Iterator[Consent]:
    wanted = dg.AssetRecordsFilter(asset_key=key_of(word), asset_partitions=[wave.name])
    for record in instance.fetch_materializations(wanted, limit=_PAGE).records:
        event = record.asset_materialization
        if event and (event.tags or {}).get(WORK_TAG) == wave.work:
            by, at = (event.metadata.get(name) for name in ("by", "at"))
            yield Consent(str(by.value) if by else "", str(at.value) if at else "")
