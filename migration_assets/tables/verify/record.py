"""Record: what the load left behind of a partition, for a comparison that comes later."""

from collections.abc import Mapping, Sequence
from contextlib import closing

import psycopg2

from migration_assets.contracts.model import Contract
from migration_assets.errors import MigrationError
from migration_assets.ledger.postgres import Entry
from migration_assets.staging.root import staging_of
from migration_assets.stores.connections import url_of
from migration_assets.stores.postgres import classify, connect
from migration_assets.tables.extract import EXTRACTED
from migration_assets.tables.targets.catalog import place_of, spelled_out
from migration_assets.tables.verify.cause import Then


def staged_then(contract: Contract, partition: str, entry: Entry, environment: Mapping[str, str]) -> Then:
    """The load's fingerprints; those of the source while its staged files are kept."""
    try:
        folder = staging_of(environment).partition(contract.name, partition)
        manifest = folder.named(entry.staged).manifest(EXTRACTED)
    except (MigrationError, OSError):
        manifest = None
    if manifest is None:
        return Then(entry.generation, entry.fingerprint)
    meant = str(manifest.facts.get("meaning") or "")
    return Then(entry.generation, entry.fingerprint, manifest.fingerprint, meant)


def rows_about(contract: Contract, environment: Mapping[str, str], partitions: Sequence[str]) -> int:
    """Rows of these partitions by the ledger, or of the table by the target's statistics; 0 where neither
    says anything."""
    place = spelled_out(place_of(contract))
    try:
        url = url_of(contract.target, environment)
        with (
            closing(connect(contract.target, url, read_only=True)) as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(
                "SELECT coalesce(max(reltuples), 0)::bigint, to_regclass('migration.load') IS NOT NULL "
                "FROM pg_class WHERE oid = to_regclass(%s)",
                [place],
            )
            rows, ledger = cursor.fetchone() or (0, False)
            if ledger:
                cursor.execute(
                    "SELECT coalesce(sum(loaded), 0)::bigint FROM (SELECT DISTINCT ON (partition) loaded "
                    "FROM migration.load WHERE contract = %s AND partition = ANY(%s) "
                    "ORDER BY partition, generation DESC) AS newest",
                    [contract.name, list(partitions)],
                )
                rows = max((cursor.fetchone() or (0,))[0], 0) or rows
            return max(rows, 0)
    except psycopg2.Error as error:
        raise classify(error) from None
