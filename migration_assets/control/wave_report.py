"""Where a wave stands, as it is shown and as it is written down in Dagster."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import dagster as dg

from migration_assets.control.names import ATTEMPT_TAG, NONE_HELD, WAVES, WORK_TAG
from migration_assets.control.records import Failure
from migration_assets.control.wave_attempts import Attempt
from migration_assets.control.wave_consent import Consent
from migration_assets.waves.model import Wave

KEY = dg.AssetKey([WAVES])
State = Literal["green", "held", "moving", "checking", "waiting"]
#: failures that an event names
NAMED = 20
_NUMBERS = ("partitions", "loaded", "failed", "rows", "quarantined", "seconds")


@dataclass(frozen=True)
class Moved:
    """How far an attempt is; `partitions` is 0 until it is planned."""

    partitions: int = 0
    loaded: int = 0
    failed: int = 0
    rows: int = 0
    quarantined: int = 0
    seconds: float = 0.0
    failures: tuple[Failure, ...] = ()

    @property
    def rows_per_second(self) -> float:
        return round(self.rows / self.seconds, 1) if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """At the pace so far; None while there is no pace."""
        done = self.loaded + self.failed
        return round(self.seconds / done * (self.partitions - done), 1) if done else None


@dataclass(frozen=True)
class WaveReport:
    wave: Wave
    state: State
    #: why it is so, and what comes next
    why: str
    next_step: str
    attempt: Attempt
    contracts: tuple[str, ...]
    moved: Moved = field(default_factory=Moved)
    #: what its own attempt ended with, where that was no success
    stopped: str = ""
    approved: Consent | None = None
    #: newest first
    released: tuple[Consent, ...] = ()


@dataclass(frozen=True)
class Noted:
    """The last that was written down of a wave."""

    tags: Mapping[str, str]
    metadata: Mapping[str, Any]
    at: float

    def text(self, name: str) -> str:
        return str(self.metadata.get(name) or "")

    @property
    def moved(self) -> Moved:
        said: dict[str, Any] = {name: self.metadata.get(name) or 0 for name in _NUMBERS}
        failures = tuple(
            Failure(**{name: str(value) for name, value in record.data.items()})
            for record in self.metadata.get("failures") or ()
        )
        return Moved(**said, failures=failures)


def noted_green(instance: dg.DagsterInstance, wave: Wave) -> Noted | None:
    """The materialization that says that just this work is done; None where there is none."""
    wanted = dg.AssetRecordsFilter(asset_key=KEY, asset_partitions=[wave.name])
    found = _noted(instance.fetch_materializations(wanted, limit=1).records)
    return found if found and found.tags.get(WORK_TAG) == wave.work else None


def noted(instance: dg.DagsterInstance, wave: Wave) -> Noted | None:
    """The newest observation of the wave."""
    wanted = dg.AssetRecordsFilter(asset_key=KEY, asset_partitions=[wave.name])
    return _noted(instance.fetch_observations(wanted, limit=1).records)


def event(report: WaveReport) -> dg.AssetMaterialization | dg.AssetObservation:
    """A materialization when the wave is green, an observation until then."""
    tags = {ATTEMPT_TAG: report.attempt.id, WORK_TAG: report.wave.work}
    kind = dg.AssetMaterialization if report.state == "green" else dg.AssetObservation
    return kind(KEY, partition=report.wave.name, tags=tags, metadata=metadata(report))


def check(reports: Sequence[WaveReport]) -> dg.AssetCheckEvaluation:
    """Red on the asset while a wave is held, whatever was green before."""
    held = [each for each in reports if each.state == "held"]
    return dg.AssetCheckEvaluation(
        asset_key=KEY,
        check_name=NONE_HELD,
        passed=not held,
        description="; ".join(f"{each.wave.name}: {each.why}" for each in held) or "No wave is held.",
        metadata={"held": len(held), "waves": len(reports)},
    )


def metadata(report: WaveReport) -> dict[str, Any]:
    """Numbers stay numbers, so that Dagster plots them over time."""
    moved, left = report.moved, report.moved.seconds_left
    said: dict[str, Any] = {
        "state": report.state,
        "why": report.why,
        "next step": report.next_step,
        "version": report.wave.version,
        "attempt": report.attempt.number,
        "contracts": len(report.contracts),
        **{name: getattr(moved, name) for name in _NUMBERS},
        "missing": moved.partitions - moved.loaded,
        "rows_per_second": moved.rows_per_second,
    }
    if report.state == "moving" and left is not None:
        said["seconds_left"] = left
    if report.stopped:
        said["stopped"] = report.stopped
    if moved.failures:
        said["failures"] = _table(moved.failures)
    if report.approved:
        said |= {"approved by": report.approved.by, "approved at": report.approved.at}
    if report.released:
        said |= {"released by": report.released[0].by, "released at": report.released[0].at}
    return said


def _table(failures: tuple[Failure, ...]) -> dg.TableMetadataValue:
    names = ("contract", "partition", "stage", "reason")
    records = [dg.TableRecord({name: getattr(each, name) for name in names}) for each in failures[:NAMED]]
    return dg.MetadataValue.table(records, dg.TableSchema([dg.TableColumn(name, "text") for name in names]))


def _noted(records: Any) -> Noted | None:
    if not records:
        return None
    found = records[0].event_log_entry.dagster_event
    about = found.event_specific_data
    said = about.materialization if hasattr(about, "materialization") else about.asset_observation
    plain = {
        name: value.records if isinstance(value, dg.TableMetadataValue) else value.value
        for name, value in said.metadata.items()
    }
    return Noted(said.tags or {}, plain, records[0].timestamp)
