"""The items of a pair of which one side holds objects: a canary on each side finds out what holds there."""

from collections.abc import Iterator, Mapping, Sequence

from migration_assets.analyzer.preflight.finding import Finding, Side
from migration_assets.buckets.engine import BucketMigration
from migration_assets.buckets.part import WORKERS
from migration_assets.buckets.places import Capabilities
from migration_assets.contracts.model import Contract
from migration_assets.errors import MigrationError
from migration_assets.staging.partition import Staging


def findings(
    contracts: Sequence[Contract], environment: Mapping[str, str], staging: Staging
) -> Iterator[Finding]:
    """Of all contracts, each place probed once."""
    probed: set[tuple[str, str]] = set()
    for contract in contracts:
        migration = BucketMigration(contract, {}, environment)
        try:
            shown = migration.shown()
            if shown not in probed:
                probed.add(shown)
                yield from _of_pair(migration, shown)
        except MigrationError as error:
            yield Finding("reachable", "both", False, True, error.what, error.advice)
    free = staging.root.free()
    room = "an object store has no end" if free is None else f"{free / 1e9:,.1f} GB are free"
    yield Finding("space", "staging", True, False, f"{room}; an object's records take about 1 kB")


def _of_pair(migration: BucketMigration, shown: tuple[str, str]) -> Iterator[Finding]:
    try:
        source = migration.look_at_source()
    except MigrationError as error:
        yield Finding("reachable", "source", False, True, error.what, error.advice)
        return
    yield Finding("reachable", "source", True, True, shown[0])
    yield from _facts("source", source)
    try:
        _, target = migration.capabilities()
    except MigrationError as error:
        yield Finding("reachable", "target", False, True, error.what, error.advice)
        return
    yield Finding("reachable", "target", True, True, shown[1])
    if shown[1].startswith("cloudsmith://"):
        yield Finding("right to write", "target", True, True, "Cloudsmith would take a file; none was sent")
    else:
        yield Finding(
            "right to write", "target", True, True, "a canary was written, read and taken away again"
        )
        yield Finding("sample", "both", True, True, "the canary came through as it was")
    yield from _facts("target", target)
    for at, drop in enumerate(target.drops):
        # said once, below all of them
        advice = (
            "" if at else "What is lost there is named beside each object; `keep` says what is meant to go."
        )
        yield Finding("keeps", "target", False, False, drop, advice)
    side_by_side = f"up to {WORKERS['large']} requests side by side; a side that complains gets fewer"
    yield Finding("connections", "both", True, False, side_by_side)
    yield Finding("encoding", "target", True, False, "keys are taken byte for byte, or refused one by one")


def _facts(side: Side, found: Capabilities) -> Iterator[Finding]:
    said = ", ".join(f"{name}: {_word(fact)}" for name, fact in sorted(found.facts.items()))
    yield Finding("version", side, True, False, said or "nothing is known of it")


def _word(fact: object) -> str:
    return {True: "yes", False: "no"}[fact] if isinstance(fact, bool) else str(fact)
