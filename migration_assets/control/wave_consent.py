"""What people said of a wave: that it may start, or that it may go on; who, and when.

It is kept in the ledgers first (of tables: in each target; of buckets: beside their records), which lose
nothing with Dagster's instance. Then each
is a materialization of its wave's partition in an asset of its own, so that Dagster's UI shows and takes it
with one click. It holds for what the wave moves at that time: another work needs another word.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime

import dagster as dg
import psycopg2

from migration_assets.contracts.model import Contract, Server
from migration_assets.control import staged_decisions
from migration_assets.control.names import APPROVALS, RELEASES, WAVES, WORK_TAG
from migration_assets.ledger import decisions
from migration_assets.ledger.decisions import Decision, Word
from migration_assets.stores.connections import url_of
from migration_assets.stores.postgres import classify, connect
from migration_assets.waves.model import Wave

_ASSETS: dict[Word, str] = {"approved": APPROVALS, "released": RELEASES}
#: so many words on one wave are looked at, newest first
_PAGE = 1000


@dataclass(frozen=True)
class Consent:
    by: str
    #: ISO 8601 in UTC
    at: str


def said(instance: dg.DagsterInstance, word: Word, wave: Wave) -> tuple[Consent, ...]:
    """Newest first."""
    return tuple(_said(instance, word, wave.name, wave.work))


def record(instance: dg.DagsterInstance, decision: Decision) -> None:
    """Tells Dagster of it."""
    if decision.wave not in instance.get_dynamic_partitions(WAVES):
        instance.add_dynamic_partitions(WAVES, [decision.wave])
    tags, metadata = event(decision)
    key = dg.AssetKey([_ASSETS[decision.word]])
    instance.report_runless_asset_event(
        dg.AssetMaterialization(key, partition=decision.wave, tags=tags, metadata=metadata)
    )


def event(decision: Decision) -> tuple[dict[str, str], dict[str, str]]:
    """Tags and metadata of the event that says it."""
    return {WORK_TAG: decision.digest}, {"by": decision.by, "at": _at(decision)}


def keep(
    instance: dg.DagsterInstance,
    word: Word,
    wave: Wave,
    contracts: Iterable[Contract],
    environment: Mapping[str, str],
    by: str,
    now: datetime,
) -> Decision:
    """Into every ledger of the wave's contracts; as it stands there, if it was said before.

    MigrationError where one of them cannot be reached: then it is not said."""
    contracts = list(contracts)
    number = len(said(instance, word, wave)) + 1
    decision = Decision(wave.name, wave.work, word, number, by, now.astimezone(UTC).replace(microsecond=0))
    for target in _targets(contracts):
        try:
            with closing(connect(target, url_of(target, environment))) as connection:
                decision = decisions.keep(connection, decision)
        except psycopg2.Error as error:
            raise classify(error) from None
    return staged_decisions.keep(environment, decision) if _has_buckets(contracts) else decision


def told_again(
    instance: dg.DagsterInstance, contracts: Iterable[Contract], environment: Mapping[str, str]
) -> tuple[Decision, ...]:
    """Tells the instance what the ledgers have of waves and it has not; twice adds nothing.

    MigrationError where a ledger cannot be asked; nothing is told then."""
    lacking = [each for each in _kept(contracts, environment) if _consent(each) not in _known(instance, each)]
    for each in lacking:
        record(instance, each)
    return tuple(lacking)


def _kept(contracts: Iterable[Contract], environment: Mapping[str, str]) -> list[Decision]:
    """Of all ledgers, each once; in the order in which they were said."""
    contracts = list(contracts)
    some = staged_decisions.kept(environment) if _has_buckets(contracts) else []
    for target in _targets(contracts):
        try:
            with (
                closing(connect(target, url_of(target, environment), read_only=True)) as connection,
                connection.cursor() as cursor,
            ):
                some += decisions.kept(cursor)
        except psycopg2.Error as error:
            raise classify(error) from None
    found: dict[tuple[str, str, Word, int], Decision] = {}
    for each in some:
        found.setdefault((each.wave, each.digest, each.word, each.number), each)
    return sorted(found.values(), key=lambda each: (each.at, each.number))


def _has_buckets(contracts: Iterable[Contract]) -> bool:
    return any(each.bucket is not None for each in contracts)


def _targets(contracts: Iterable[Contract]) -> list[Server]:
    """Those with a ledger."""
    return list({each.target.name: each.target for each in contracts if each.kind == "tables"}.values())


def _known(instance: dg.DagsterInstance, decision: Decision) -> set[Consent]:
    return set(_said(instance, decision.word, decision.wave, decision.digest))


def _consent(decision: Decision) -> Consent:
    return Consent(decision.by, _at(decision))


def _at(decision: Decision) -> str:
    return decision.at.astimezone(UTC).isoformat(timespec="seconds")


def _said(instance: dg.DagsterInstance, word: Word, name: str, work: str) -> Iterator[Consent]:
    wanted = dg.AssetRecordsFilter(asset_key=dg.AssetKey([_ASSETS[word]]), asset_partitions=[name])
    for found in instance.fetch_materializations(wanted, limit=_PAGE).records:
        materialized = found.asset_materialization
        if materialized and (materialized.tags or {}).get(WORK_TAG) == work:
            by, at = (materialized.metadata.get(name) for name in ("by", "at"))
            yield Consent(str(by.value) if by else "", str(at.value) if at else "")
