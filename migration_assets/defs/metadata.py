"""Stage reports and check outcomes as Dagster's metadata: counts and keys, never a row or an address."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import dagster as dg

from migration_assets.checks.outcome import CheckOutcome
from migration_assets.stores.trying import told

if TYPE_CHECKING:
    from migration_assets.tables.engine import StageReport

Metadata = Mapping[str, Any]

KEYS = dg.TableSchema([dg.TableColumn("key", "text"), dg.TableColumn("reason", "text")])


def stage_metadata(report: "StageReport", tried_after: Sequence[str]) -> Metadata:
    """Numbers stay numbers, so that Dagster plots them over partitions and time."""
    return {
        "dagster/partition_row_count": report.rows,
        "rows": report.rows,
        "bytes": report.bytes,
        "seconds": round(report.seconds, 3),
        "rows_per_second": round(report.rows / report.seconds, 1) if report.seconds > 0 else 0.0,
        "generation": report.generation,
        "fingerprint": report.fingerprint,
        "retries": len(tried_after),
        **({"retried_after": told(tried_after)} if tried_after else {}),
        **report.facts,
    }


def check_metadata(outcome: CheckOutcome) -> Metadata:
    counts: dict[str, Any] = dict(outcome.counts)
    if outcome.rows:
        records = [dg.TableRecord({"key": row.key, "reason": row.reason}) for row in outcome.rows]
        counts["keys"] = dg.MetadataValue.table(records=records, schema=KEYS)
    return counts
