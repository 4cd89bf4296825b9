"""What will be done, as data: `migrate plan` says these steps, `migrate run` walks them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import psycopg2

from migration_assets.buckets.plan import Surveyed
from migration_assets.checks.from_contract import specs
from migration_assets.contracts.bucket_model import Bucket
from migration_assets.contracts.model import ByKey, ByTime, ByValue, Contract
from migration_assets.control import bucket_plan
from migration_assets.control.choice import Between, Only, State, contracts_named, partitions_chosen
from migration_assets.errors import MigrationError, PlanRefused
from migration_assets.planning.keys import partitions
from migration_assets.planning.order import in_order
from migration_assets.stores.connections import url_of
from migration_assets.stores.postgres import classify, connect
from migration_assets.tables.targets.differences import compared


@dataclass(frozen=True)
class Step:
    """One contract's part: some of its partitions, through all stages."""

    contract: Contract
    partitions: tuple[str, ...]
    all_partitions: tuple[str, ...]

    @cached_property
    def wanted(self) -> frozenset[str]:
        return frozenset(self.partitions)


@dataclass(frozen=True)
class Structure:
    """The target's table, or bucket, before the load."""

    #: `loses`: a bucket would not get all that its source has
    state: Literal["to be made", "fits", "differs", "loses", "not asked"]
    sentences: tuple[str, ...]


def keys_of(contracts: Mapping[str, Contract]) -> dict[str, tuple[str, ...]]:
    """Every partition of every contract; PlanRefused naming all that have to be planned first."""
    keys: dict[str, tuple[str, ...]] = {}
    refused: list[PlanRefused] = []
    for name, contract in contracts.items():
        try:
            keys[name] = tuple(partition.key for partition in partitions(contract))
        except PlanRefused as refusal:
            refused.append(refusal)
    if len(refused) > 1:
        raise PlanRefused("\n".join(str(refusal) for refusal in refused))
    if refused:
        raise refused[0]
    return keys


def steps(
    contracts: Mapping[str, Contract],
    names: Sequence[str] = (),
    *,
    wanted: Sequence[str] = (),
    only: Only = "all",
    states: Mapping[str, Mapping[str, State]] | None = None,
    between: Between = (None, None),
) -> tuple[Step, ...]:
    """In the order in which they are loaded; PlanRefused for what is not there or not planned."""
    named = contracts_named(contracts, names)
    keys = keys_of(named)
    chosen = partitions_chosen(keys, wanted=wanted, only=only, states=states, between=between)
    return tuple(
        Step(contract, chosen[contract.name], keys[contract.name])
        for contract in in_order(named.values())
        if contract.name in chosen
    )


def in_words(step: Step, surveyed: Surveyed | None = None) -> dict[str, str]:
    """What each stage will do, said for a reader; `surveyed` is what is known of a bucket."""
    contract = step.contract
    if contract.bucket is not None:
        return bucket_plan.in_words(contract, contract.bucket, step.partitions, step.all_partitions, surveyed)
    return {
        "extracted": _extracted(step),
        "transformed": _transformed(step.contract),
        "loaded": _loaded(step.contract),
    }


def structure(
    contract: Contract, environment: Mapping[str, str], surveyed: Surveyed | None = None
) -> Structure:
    """Asks the target, which is only read (a bucket: with one small object, which is taken away again);
    what cannot be asked is said, not raised."""
    if contract.bucket is not None:
        return _bucket(contract, contract.bucket, environment, surveyed)
    table = str(contract.target_table)
    try:
        connection = connect(contract.target, url_of(contract.target, environment), read_only=True)
        try:
            with connection, connection.cursor() as cursor:
                found = compared(cursor, contract)
        finally:
            connection.close()
    except MigrationError as error:
        return Structure("not asked", (str(error),))
    except psycopg2.Error as error:
        return Structure("not asked", (str(classify(error)),))
    if found is None:
        return Structure("to be made", (f"Make the table {table} with {len(contract.columns)} columns.",))
    if found:
        return Structure("differs", found)
    return Structure("fits", (f"The table {table} is there, as the contract says.",))


def _bucket(
    contract: Contract, bucket: Bucket, environment: Mapping[str, str], surveyed: Surveyed | None
) -> Structure:
    answered, sentences = bucket_plan.target_of(bucket, environment, surveyed)
    if not answered:
        return Structure("not asked", sentences)
    if sentences:
        return Structure("loses", sentences)
    return Structure("fits", (f"{contract.target_table} takes all that is kept.",))


def _extracted(step: Step) -> str:
    contract = step.contract
    number, whole = len(step.partitions), len(step.all_partitions)
    which = "the only partition" if whole == 1 else f"{number} of {whole} partitions"
    condition = f", where {contract.where}" if contract.where else ""
    return (
        f"Read {which}{_by(contract)} of {contract.source_table} in {contract.source.name}{condition},"
        " each in one snapshot, and stage them."
    )


def _by(contract: Contract) -> str:
    match contract.partitioning:
        case ByTime(grain=grain, column=column):
            return f" (by {grain} of {column})"
        case ByValue(column=column):
            return f" (by value of {column})"
        case ByKey(column=column, rows=rows):
            return f" (by {column}, about {rows:,} rows each)"
        case _:
            return ""


def _transformed(contract: Contract) -> str:
    mapped = sum(not column.untouched for column in contract.columns)
    rules = sum(spec.stage == "transformed" for spec in specs(contract))
    bad = "keep their partition from being loaded" if contract.bad_rows == "fail" else "go to quarantine"
    how = f"Map {mapped} of {len(contract.columns)} columns" if mapped else "Leave all values untouched"
    hook = f", run {contract.hook}" if contract.hook else ""
    return f"{how}{hook}, and make {_checks(rules)}; rows that fail them {bad}."


def _checks(number: int) -> str:
    return f"{number} check{'' if number == 1 else 's'}"


def _loaded(contract: Contract) -> str:
    parents = dict.fromkeys(
        each.parent for each in contract.references if not each.deferred and each.parent != contract.name
    )
    how = (
        "Replace each partition's rows"
        if contract.load_mode == "replace"
        else f"Upsert rows by {', '.join(contract.primary_key)}"
    )
    checks = [spec.name for spec in specs(contract) if spec.stage == "loaded"]
    after = f", after {', '.join(parents)} where they are loaded too" if parents else ""
    return (
        f"{how} in {contract.target_table} in {contract.target.name}, one transaction a partition,"
        f" committed only if {', '.join(checks)} hold{after}."
    )
