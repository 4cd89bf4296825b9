"""Verification of contracts: each compared with its target, one after another; the same for the command
and for Dagster."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from migration_assets.buckets.verifying import Told
from migration_assets.checks.outcome import CheckOutcome
from migration_assets.contracts.model import Contract
from migration_assets.control import bucket_verify
from migration_assets.control.plan import Step
from migration_assets.planning.keys import partitions
from migration_assets.planning.partitions import Partition
from migration_assets.stores.trying import in_words, tried
from migration_assets.tables.verify.compare import Asked, compare
from migration_assets.tables.verify.method import Method
from migration_assets.tables.verify.proof import Proof, outcomes
from migration_assets.tables.verify.repair import refuse_unfit, repair
from migration_assets.tables.verify.sampling import sampled
from migration_assets.tables.verify.whole_target import WholeTarget, looked_at


@dataclass(frozen=True)
class Wish:
    """What is asked of every contract."""

    columns: tuple[str, ...] = ()
    #: percent of the rows; None for all
    sample: float | None = None
    #: what the sample is chosen by
    seed: int = 0
    show_values: bool = False
    #: where rows are hashed
    method: Method = "auto"
    #: who asked that rows which differ are brought back to their source; empty: nobody
    repaired_by: str = ""
    #: is given what the target of a bucket has to hold, partition by partition
    told: Told = lambda _, __: None


@dataclass(frozen=True)
class Verified:
    """What came of one contract."""

    contract: str
    proofs: tuple[Proof, ...] = ()
    #: by partition; a sample of a part of a partition proves none
    outcomes: Mapping[str, tuple[CheckOutcome, ...]] | None = None
    structure: tuple[str, ...] = ()
    proposed: tuple[str, ...] = ()
    #: why it could not be verified
    failure: str = ""
    #: the command's exit code for that
    exit_code: int = 0

    @property
    def equal(self) -> bool:
        checks = [each for found in (self.outcomes or {}).values() for each in found]
        rows = all(proof.equal for proof in self.proofs)
        rows = rows and all(each.passed for each in checks if each.blocking)
        return not self.failure and rows and not self.structure


def verified(
    steps: Sequence[Step],
    contracts: Mapping[str, Contract],
    environment: Mapping[str, str],
    wish: Wish | None = None,
    on_proof: Callable[[Proof], None] = lambda _: None,
) -> Iterator[Verified]:
    """One for each contract; one that cannot be verified leaves the others alone."""
    for step in steps:
        try:
            yield _verified(step, contracts, environment, wish or Wish(), on_proof)
        except Exception as error:
            code = getattr(error, "exit_code", 1)
            yield Verified(step.contract.name, failure=in_words(error), exit_code=code)


def _verified(
    step: Step,
    contracts: Mapping[str, Contract],
    environment: Mapping[str, str],
    wish: Wish,
    on_proof: Callable[[Proof], None],
) -> Verified:
    contract = step.contract
    if contract.bucket is not None:
        return _of_bucket(step, environment, wish, on_proof)
    if wish.repaired_by:
        refuse_unfit(contract)
    wanted: tuple[Partition, ...] = tuple(p for p in partitions(contract) if p.key in step.wanted)
    asked = Asked(wanted, wish.columns, wish.show_values, method=wish.method)
    whole = not wish.columns
    if wish.sample is not None:
        sample = sampled(contract, wanted, wish.sample, environment, random.Random(wish.seed))
        asked = replace(asked, partitions=sample.parts, sample=sample.words)
        whole = whole and sample.whole

    def proved() -> list[Proof]:
        found: list[Proof] = []
        for proof in compare(contract, environment, asked):
            on_proof(proof)
            found.append(proof)
        return found

    proofs, _ = tried(proved)
    if wish.repaired_by:
        proofs = [_repaired(contract, environment, asked, proof, wish.repaired_by) for proof in proofs]
    if not whole:
        return Verified(contract.name, tuple(proofs))
    beside, _ = tried(lambda: looked_at(contract, contracts, environment, asked.partitions))
    return Verified(
        contract.name,
        tuple(proofs),
        {proof.partition: (*outcomes(proof), *_of(beside, proof)) for proof in proofs},
        beside.structure,
        beside.proposed,
    )


def _of_bucket(
    step: Step, environment: Mapping[str, str], wish: Wish, on_proof: Callable[[Proof], None]
) -> Verified:
    contract = step.contract
    if wish.repaired_by:
        bucket_verify.refuse_unfit(contract)
    found = list(
        bucket_verify.verified(
            contract, step.partitions, environment, wish.sample, wish.seed, on_proof, wish.told
        )
    )
    checks = {proof.partition: outcomes for proof, outcomes in found}
    return Verified(contract.name, tuple(proof for proof, _ in found), checks)


def _repaired(
    contract: Contract, environment: Mapping[str, str], asked: Asked, proof: Proof, by: str
) -> Proof:
    """The proof of the partition once the rows that differ are repaired; as it was where none is named."""
    if proof.rows is None or not proof.findings:
        return proof
    rows = proof.rows
    done, _ = tried(lambda: repair(contract, proof.partition, rows, environment, by))
    (partition,) = (each for each in asked.partitions if each.key == proof.partition)
    (again,), _ = tried(lambda: list(compare(contract, environment, replace(asked, partitions=(partition,)))))
    return replace(again, repaired=done)


def _of(beside: WholeTarget, proof: Proof) -> tuple[CheckOutcome, ...]:
    found = beside.referential.get(proof.partition)
    return (found,) if found else ()
