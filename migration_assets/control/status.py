"""Where every contract stands, by Dagster's instance and, where it can be reached, by the ledger."""

import os
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime

import dagster as dg
import psycopg2

from migration_assets.checks.from_contract import specs
from migration_assets.contracts.model import Contract
from migration_assets.control import records, stale
from migration_assets.control.bucket_truth import in_records
from migration_assets.control.choice import Between, Only, contracts_named, within
from migration_assets.control.meant import contracts_meant
from migration_assets.control.plan import Step, keys_of, steps
from migration_assets.control.records import Tally
from migration_assets.control.stale import OnLook
from migration_assets.errors import MigrationError, PlanRefused
from migration_assets.ledger import postgres as ledger
from migration_assets.planning.keys import partitions
from migration_assets.stores.connections import url_of
from migration_assets.stores.postgres import classify, connect


@dataclass(frozen=True)
class ContractStatus:
    contract: str
    partitions: int
    loaded: int
    failed: int
    running: int
    missing: int
    rows: int
    #: when a partition was last loaded, ISO 8601 in UTC
    last_loaded: str | None
    checks: Mapping[str, Tally] = field(default_factory=dict)
    #: partitions that the target's ledger has; None where it could not be asked
    in_ledger: int | None = None
    #: why there are no partitions, or why the ledger could not be asked
    remark: str = ""

    @property
    def failed_checks(self) -> tuple[str, ...]:
        """The blocking checks that do not hold for some partition."""
        return tuple(name for name, tally in self.checks.items() if tally.blocking and tally.failed)

    @property
    def done(self) -> bool:
        """All there, all blocking checks held."""
        return self.loaded == self.partitions > 0 and not self.failed_checks


def status(
    instance: dg.DagsterInstance, contracts: Sequence[Contract], environment: Mapping[str, str]
) -> tuple[ContractStatus, ...]:
    return tuple(_status(instance, contract, environment) for contract in contracts)


def chosen_steps(
    contracts: Mapping[str, Contract],
    names: Sequence[str],
    *,
    wanted: Sequence[str],
    only: Only,
    between: Between = (None, None),
    environment: Mapping[str, str] = os.environ,
    on_look: OnLook = lambda *_: None,
) -> tuple[Step, ...]:
    """The steps of a plan or a run, by names of contracts and waves.

    Dagster's instance is only asked where states decide, the sources only where it counts whether they
    have changed."""
    names = contracts_meant(contracts, names, environment)
    if only == "all" or wanted:
        return steps(contracts, names, wanted=wanted, between=between)
    named = contracts_named(contracts, names)
    keys = {name: within(name, found, between) for name, found in keys_of(named).items()}
    with dg.DagsterInstance.get() as instance:
        if only in ("stale", "changed"):
            known = stale.states(instance, named, keys, environment, on_look)
        else:
            known = {name: records.states(instance, named[name], found) for name, found in keys.items()}
    return steps(contracts, names, only=only, states=known, between=between)


def _status(
    instance: dg.DagsterInstance, contract: Contract, environment: Mapping[str, str]
) -> ContractStatus:
    try:
        keys = [partition.key for partition in partitions(contract)]
    except PlanRefused as refused:
        return ContractStatus(contract.name, 0, 0, 0, 0, 0, 0, None, remark=str(refused))
    states = records.states(instance, contract, keys)
    found = list(states.values())
    latest: dict[str, records.Materialized] = {}
    known = frozenset(keys)
    for each in records.materialized(instance, contract, "loaded"):
        if each.partition in known:
            latest[each.partition] = each
    in_ledger, remark = _in_ledger(contract, known, environment)
    lost = [key for key in in_ledger or () if states[key] == "missing"]
    if lost:
        remark = f"{contract.name}: {len(lost)} {_LOST}"
    return ContractStatus(
        contract.name,
        len(keys),
        found.count("loaded"),
        found.count("failed"),
        found.count("running"),
        found.count("missing"),
        sum(each.rows for each in latest.values()),
        _iso(max((each.at for each in latest.values()), default=None)),
        records.tallies(instance, contract, specs(contract), keys),
        None if in_ledger is None else len(in_ledger),
        remark,
    )


_LOST = (
    "of the partitions that Dagster's instance lacks are in the ledger. "
    "Run `migrate status --rebuild` to tell it again."
)


def _in_ledger(
    contract: Contract, keys: frozenset[str], environment: Mapping[str, str]
) -> tuple[frozenset[str] | None, str]:
    if contract.bucket is not None:
        return in_records(contract, keys, environment)
    try:
        url = url_of(contract.target, environment)
        with (
            closing(connect(contract.target, url, read_only=True)) as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute("SELECT to_regclass('migration.load') IS NOT NULL")
            row = cursor.fetchone()
            if not row or not row[0]:
                return frozenset(), ""
            return ledger.loaded_partitions(cursor, contract.name) & keys, ""
    except MigrationError as error:
        return None, str(error)
    except psycopg2.Error as error:
        return None, str(classify(error))


def _iso(timestamp: float | None) -> str | None:
    if timestamp is None:
        return None
    return datetime.fromtimestamp(timestamp, UTC).isoformat(timespec="seconds")
