"""All items of a pair of servers, looked at one after another; what cannot be asked is a finding, too."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from migration_assets.analyzer.estimate.estimate import estimate
from migration_assets.analyzer.estimate.model import Estimates
from migration_assets.analyzer.estimate.probe import Limits
from migration_assets.analyzer.preflight import buckets, staging
from migration_assets.analyzer.preflight.finding import Finding, Side, stops
from migration_assets.analyzer.preflight.judging import room, size, source_findings, target_findings
from migration_assets.analyzer.preflight.sides import SIDES, postgres
from migration_assets.analyzer.preflight.target_rights import rights
from migration_assets.contracts.model import Contract, Server
from migration_assets.errors import MigrationError
from migration_assets.staging.folder import Folder
from migration_assets.staging.partition import Staging
from migration_assets.stores.connections import safe, url_of
from migration_assets.stores.postgres import connect
from migration_assets.tables.sources import source_of
from migration_assets.tables.targets.catalog import place_of

Pair = tuple[str, str]


@dataclass(frozen=True)
class Asked:
    """What a pre-flight is asked for."""

    #: those of one source and one target
    contracts: Sequence[Contract]
    #: all that there are, by name
    every: Mapping[str, Contract]
    environment: Mapping[str, str]
    staging: Staging
    #: how many partitions move at once
    lanes: int
    limits: Limits | None = None


@dataclass(frozen=True)
class Preflight:
    """What was found of one source and one target."""

    source: str
    target: str
    findings: tuple[Finding, ...]
    #: None where a side cannot be reached
    estimates: Estimates | None

    @property
    def stops(self) -> bool:
        return stops(self.findings)


def pairs(contracts: Mapping[str, Contract]) -> dict[Pair, tuple[Contract, ...]]:
    """The contracts by the names of their source and target."""
    found: dict[Pair, list[Contract]] = {}
    for contract in contracts.values():
        found.setdefault((contract.source.name, contract.target.name), []).append(contract)
    return {pair: tuple(each) for pair, each in found.items()}


def preflight(asked: Asked) -> Preflight:
    """Never raises for what a migration would be refused for: that is what it finds."""
    source, target = asked.contracts[0].source, asked.contracts[0].target
    if all(contract.bucket is not None for contract in asked.contracts):
        written = staging.written(asked.staging)
        found = (*buckets.findings(asked.contracts, asked.environment, asked.staging), written)
        return Preflight(source.name, target.name, found, None)
    findings = [*_source(asked, source)]
    reached = findings[0].passed
    of_target, size_of_target = _target(asked, target)
    findings += of_target
    reached = reached and of_target[0].passed
    findings.append(staging.written(asked.staging))
    estimates = None
    if reached and findings[-1].passed:
        estimates, said = _measured(asked)
        findings += said
    if estimates:
        findings += _room(asked, estimates, size_of_target)
    return Preflight(source.name, target.name, tuple(findings), estimates)


def _source(asked: Asked, server: Server) -> Iterator[Finding]:
    tables = [contract.source_table for contract in asked.contracts]
    try:
        url = url_of(server, asked.environment)
        backend, source = source_of(url)
        with source.snapshot(server, url) as snapshot:
            facts = SIDES[backend].facts(snapshot, server, url, tables)
    except MigrationError as error:
        yield _unreached("source", error)
        return
    yield Finding("reachable", "source", True, True, safe(url))
    yield from source_findings(facts, asked.lanes)


def _target(asked: Asked, server: Server) -> tuple[list[Finding], tuple[int | None, str | None]]:
    """Findings, and the size of the database and its folder as far as they are known."""
    try:
        url = url_of(server, asked.environment)
        connection = connect(server, url, read_only=True)
    except MigrationError as error:
        return [_unreached("target", error)], (None, None)
    try:
        tables = [place_of(contract) for contract in asked.contracts]
        facts = postgres.facts(connection, server, url, tables)
        found = [
            Finding("reachable", "target", True, True, safe(url)),
            *target_findings(facts, asked.lanes),
            *rights(connection, asked.contracts, asked.every),
        ]
        return found, (facts.size, facts.folder)
    except MigrationError as error:
        return [_unreached("target", error)], (None, None)
    finally:
        connection.close()


def _unreached(side: Side, error: MigrationError) -> Finding:
    return Finding("reachable", side, False, True, error.what, error.advice)


def _measured(asked: Asked) -> tuple[Estimates | None, list[Finding]]:
    """Estimates, and how fast samples came out of the source and went into the target."""
    try:
        found = estimate(asked.contracts, asked.environment, asked.staging, limits=asked.limits)
    except MigrationError as error:
        return None, [Finding("bandwidth", "both", False, True, error.what, error.advice)]
    said = [
        Finding(
            "sample",
            "both",
            False,
            True,
            each.reason,
            f"Correct it, then look with `migrate plan {each.contract}`.",
        )
        for each in found.failed
    ]
    for side, rate in (("source", found.reading), ("target", found.loading)):
        words = "of text read a second" if side == "source" else "of text loaded and read back a second"
        known = rate is not None
        said.append(
            Finding(
                "bandwidth",
                side,  # type: ignore[arg-type]
                True if known else None,
                False,
                f"{size(rate)} {words}" if rate is not None else "too little was sampled to tell",
            )
        )
    return found, said


def _room(asked: Asked, estimates: Estimates, target: tuple[int | None, str | None]) -> Iterator[Finding]:
    unknown = estimates.unknown
    free = asked.staging.root.free()
    if free is not None:  # an object store has no end
        yield room("space", "staging", estimates.bytes, free, unknown, asked.staging.root.shown)
    of_database, folder = target
    now = f"the database has {size(of_database or 0)} now"
    seen = Folder(Path(folder)).free() if folder else None
    where = now if folder else f"{now}; how much its disk has left cannot be seen from here"
    yield room("space", "target", estimates.bytes, seen, unknown, where)
