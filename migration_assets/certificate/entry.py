"""Entry: what a certificate says of one partition."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.engine import make_url

from migration_assets.certificate.bucket_entry import METHOD, Objects, place_of
from migration_assets.certificate.canonical import Json
from migration_assets.checks.outcome import CheckOutcome
from migration_assets.contracts.model import Contract, Server, TableName
from migration_assets.ledger.postgres import Standing
from migration_assets.planning.meaning import meaning
from migration_assets.planning.partitions import Partition
from migration_assets.stores.connections import backend_of, url_of
from migration_assets.tables.verify.proof import Proof


@dataclass(frozen=True)
class Proven:
    """One partition, compared with its source; what was known of it before."""

    contract: Contract
    partition: Partition
    standing: Standing
    proof: Proof
    #: made by this comparison
    checks: Sequence[CheckOutcome]
    #: made by its load, by name: whether they keep a partition out, and whether they held
    earlier: Mapping[str, tuple[bool, bool | None]]
    at: datetime
    #: of a bucket, what was written of each object
    objects: Objects | None = None


def entry(proven: Proven, run: str, environment: Mapping[str, str]) -> dict[str, Json]:
    """The fields of its line; never a row's value, never a credential."""
    contract, load, found = proven.contract, proven.standing.entry, proven.proof.compared
    return {
        "contract": contract.name,
        "partition": proven.partition.key,
        **_places(contract, environment),
        "snapshots": {"of_source": found.source_snapshot, "of_target": found.target_snapshot},
        **(_of_objects(proven, proven.objects) if proven.objects else _of_rows(proven)),
        "checks": [*_earlier(proven), *_now(proven)],
        "load": {
            "generation": load.generation,
            "state": load.state,
            "run": load.run_id,
            "loaded_at": moment(proven.standing.loaded_at),
            "contract_version": load.contract_version,
        },
        "proof": {
            "run": run,
            "proven_at": moment(proven.at),
            "contract_version": contract.version,
            "contract_sha256": contract.digest,
            "meaning": meaning(contract, proven.partition),
        },
    }


def _of_rows(proven: Proven) -> dict[str, Json]:
    found = proven.proof.compared
    return {
        "counts": {
            "read": found.read,
            "quarantined": found.quarantined,
            "expected": found.source.rows,
            "found": found.target.rows,
            "tolerated": proven.proof.tolerated,
        },
        "fingerprints": {
            "expected": str(found.source),
            "found": str(found.target),
            "loaded": proven.standing.entry.fingerprint,
            "method": proven.proof.method,
        },
    }


def _of_objects(proven: Proven, objects: Objects) -> dict[str, Json]:
    """What the source has and no object becomes of are indices, which a repository makes by itself."""
    read = proven.proof.compared.read
    return {
        "counts": {
            "read": read,
            "quarantined": read - objects.lines,
            "expected": objects.lines,
            "found": objects.lines,
            "tolerated": proven.proof.tolerated,
        },
        "fingerprints": {
            "expected": objects.source,
            "found": objects.found,
            "loaded": proven.standing.entry.fingerprint,
            "method": METHOD,
            "objects": objects.said,
        },
    }


def _places(contract: Contract, environment: Mapping[str, str]) -> dict[str, Json]:
    if contract.bucket is not None:
        source, target = contract.bucket.source, contract.bucket.target
        return {"source": place_of(source, environment), "target": place_of(target, environment)}
    return {
        "source": _place(contract.source, contract.source_table, environment),
        "target": _place(contract.target, contract.target_table, environment),
    }


def moment(at: datetime) -> str:
    """RFC 3339 in UTC, to the microsecond."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _place(server: Server, table: TableName, environment: Mapping[str, str]) -> dict[str, Json]:
    url = make_url(url_of(server, environment))
    host = f"{url.host}:{url.port}" if url.host and url.port else url.host
    return {
        "server": server.name,
        "engine": backend_of(url),
        "host": host,
        "database": url.database,
        "table": str(table),
    }


def _earlier(proven: Proven) -> list[Json]:
    return [
        {"name": name, "blocking": blocking, "passed": passed, "made": "with the load"}
        for name, (blocking, passed) in proven.earlier.items()
        if passed is not None
    ]


def _now(proven: Proven) -> list[Json]:
    return [
        {"name": each.name, "blocking": each.blocking, "passed": each.passed, "made": "with the proof"}
        for each in proven.checks
    ]
