"""Dagster's instance told again what the targets' ledgers vouch for, after it was lost or is older."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import dagster as dg

from migration_assets.checks.from_contract import specs
from migration_assets.contracts.model import Contract
from migration_assets.control import records
from migration_assets.control.growing import definition_of, make_known
from migration_assets.control.names import STAGES, Stage
from migration_assets.control.rebuild import Decision, Vouched, decide, outcomes, vouched
from migration_assets.control.standing import standings
from migration_assets.defs import events
from migration_assets.defs.assets import parents
from migration_assets.defs.naming import source_key, stage_key
from migration_assets.errors import PlanRefused
from migration_assets.ledger.postgres import Standing
from migration_assets.planning.keys import partitions
from migration_assets.planning.meaning import meanings
from migration_assets.staging.root import staging_of

#: partitions that are told together: what an interruption leaves half told is at most so many
TOGETHER = 200


@dataclass
class Rebuilt:
    """What was done for one contract, in partitions."""

    contract: str
    #: told again
    reported: int = 0
    #: of these, those whose staged rows are still there, so that all three stages were told
    staged: int = 0
    #: were told before
    known: int = 0
    #: a newer attempt is on record, running or failed, and stands
    newer: tuple[str, ...] = ()
    #: Dagster has them as loaded, and the ledger has not, or only an older generation
    unvouched: tuple[str, ...] = ()
    #: the ledger has them, and the contract has no such partitions any more
    strange: tuple[str, ...] = ()
    #: why nothing was told of the contract
    remark: str = ""


@dataclass
class _Told:
    """One contract while it is told."""

    instance: dg.DagsterInstance
    contract: Contract
    contracts: Mapping[str, Contract]
    places: dict[tuple[Stage, str], events.Event] = field(default_factory=dict)

    def materialize(self, stage: Stage, some: Sequence[Vouched]) -> None:
        """One event for each; afterwards their places in the event log are known."""
        since = records.newest(self.instance)
        for about in some:
            self.instance.report_runless_asset_event(self._event(stage, about))
        key = stage_key(self.contract, stage)
        for partition, event in events.since(self.instance, key, since):
            self.places[stage, partition] = event

    def judge(self, stage: Stage, about: Vouched, recorded: Mapping[str, Mapping[str, bool]]) -> None:
        key = stage_key(self.contract, stage)
        place = self.places.get((stage, about.partition))
        place = place or events.latest(self.instance, key, about.partition)
        for outcome in outcomes(about, stage, specs(self.contract)):
            if about.partition not in recorded.get(outcome.name, {}):
                self.instance.report_runless_asset_event(
                    events.evaluated(key, about.partition, outcome, place)
                )

    def _event(self, stage: Stage, about: Vouched) -> dg.AssetMaterialization:
        version = self.contract.digest[:12] if about.same_contract else None
        manifest = about.staged(stage)
        return events.materialized(
            dg.AssetSpec(stage_key(self.contract, stage), code_version=version),
            about.partition,
            data_version=manifest.fingerprint if manifest else about.standing.entry.fingerprint,
            inputs=self._inputs(stage, about.partition),
            metadata=_metadata(self.contract, stage, about),
        )

    def _inputs(self, stage: Stage, partition: str) -> dict[dg.AssetKey, events.Event | None]:
        if stage == "extracted":
            return {source_key(self.contract): None}
        before: Stage = "extracted" if stage == "transformed" else "transformed"
        found = {stage_key(self.contract, before): self.places.get((before, partition))}
        if stage == "loaded":
            for parent in parents(self.contract, self.contracts):
                key = stage_key(parent, "loaded")
                found[key] = events.latest(self.instance, key)
        return found


def rebuild(
    instance: dg.DagsterInstance,
    contracts: Sequence[Contract],
    every: Mapping[str, Contract],
    environment: Mapping[str, str],
) -> Iterator[Rebuilt]:
    """Tells what the instance lacks of each contract, parents first; twice changes nothing.

    MigrationError where a ledger cannot be asked; nothing is told then."""
    there = standings(contracts, environment)
    for contract in contracts:
        try:
            yield _rebuild(instance, contract, every, there[contract.name], environment)
        except PlanRefused as refused:
            yield Rebuilt(contract.name, remark=str(refused))


def _rebuild(
    instance: dg.DagsterInstance,
    contract: Contract,
    every: Mapping[str, Contract],
    there: Mapping[str, Standing],
    environment: Mapping[str, str],
) -> Rebuilt:
    planned = partitions(contract)
    digests = meanings(contract, planned)
    make_known(instance, definition_of(contract, tuple(digests)), tuple(digests))
    done = Rebuilt(contract.name, strange=tuple(sorted(there.keys() - digests.keys())))
    decided, done.unvouched = _decided(instance, contract, tuple(digests), there)
    done.known = sum(decision == "known" for decision in decided.values())
    done.newer = tuple(key for key, decision in decided.items() if decision == "newer")
    wanted = [key for key, decision in decided.items() if decision.startswith("report")]
    recorded = records.on_record(instance, contract, specs(contract))
    staging = staging_of(environment)
    for at in range(0, len(wanted), TOGETHER):
        some = {
            key: vouched(
                there[key],
                digests[key],
                staging.partition(contract.name, key),
                ruled=contract.bucket is None,
            )
            for key in wanted[at : at + TOGETHER]
        }
        told = _Told(instance, contract, every)
        lacking = [each for key, each in some.items() if decided[key] == "report"]
        for stage in STAGES:
            mine = [each for each in lacking if stage == "loaded" or each.staged(stage)]
            told.materialize(stage, mine)
            for each in mine:
                told.judge(stage, each, {})
        for key, each in some.items():
            if decided[key] == "report checks":
                told.judge("loaded", each, recorded)
        done.reported += len(some)
        done.staged += sum(bool(each.extracted and each.transformed) for each in lacking)
    return done


def _decided(
    instance: dg.DagsterInstance, contract: Contract, keys: Sequence[str], there: Mapping[str, Standing]
) -> tuple[dict[str, Decision], tuple[str, ...]]:
    """What is to be told of each partition that the ledger has; those that it cannot vouch for."""
    known = {each.partition: each for each in records.materialized(instance, contract, "loaded")}
    states = records.states(instance, contract, keys)
    judged = records.judged(instance, contract, specs(contract), keys)
    decided: dict[str, Decision] = {}
    for key in (key for key in keys if key in there):
        attempt = None
        if states[key] == "failed":
            attempt = records.last_attempt(instance, contract, "loaded", key)
        decided[key] = decide(
            there[key], known.get(key), judged=key in judged, state=states[key], attempt=attempt
        )
    unvouched = tuple(
        key
        for key in keys
        if key in known and (key not in there or known[key].generation > there[key].entry.generation)
    )
    return decided, unvouched


def _ledger(contract: Contract) -> str:
    return (
        f"the ledger in {contract.target.name}" if contract.bucket is None else "its records in the staging"
    )


def _version(about: Vouched) -> str:
    """The records of a bucket do not say it; what is staged of the load does."""
    return about.transformed.contract_version if about.transformed else ""


def _metadata(contract: Contract, stage: Stage, about: Vouched) -> dict[str, Any]:
    entry, manifest = about.standing.entry, about.staged(stage)
    rows = manifest.rows if manifest else entry.loaded
    gone = [each for each in ("extracted", "transformed") if not about.staged(each)]
    said: dict[str, Any] = {
        "dagster/partition_row_count": rows,
        "rows": rows,
        "generation": manifest.generation if manifest else entry.generation,
        "fingerprint": manifest.fingerprint if manifest else entry.fingerprint,
        "rebuilt": f"from {_ledger(contract)}; nothing was moved",
        "run": manifest.run_id if manifest else entry.run_id,
    }
    if manifest:
        return {**said, "bytes": sum(file.size for file in manifest.files), "staged_at": manifest.written_at}
    return {
        **said,
        "quarantined": entry.quarantined,
        "state": entry.state,
        "contract_version": entry.contract_version or _version(about),
        "loaded_at": dg.MetadataValue.timestamp(about.standing.loaded_at),
        "staged": f"{' and '.join(gone)} are not staged any more" if gone else entry.staged,
    }
