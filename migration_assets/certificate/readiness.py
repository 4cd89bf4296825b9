"""Readiness: why a partition is not to be certified, before its rows are read and afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass

from migration_assets.certificate.entry import Proven
from migration_assets.contracts.model import Contract
from migration_assets.ledger.postgres import Standing
from migration_assets.tables.verify.proof import Proof


@dataclass(frozen=True)
class Reason:
    """Why there is no certificate, and what to do about it."""

    contract: str
    partition: str
    why: str
    next_step: str

    def __str__(self) -> str:
        name = f"{self.contract} {self.partition}".strip()
        return f"{name}: {self.why} {self.next_step}"


def before(
    contract: Contract,
    partition: str,
    standing: Standing | None,
    state: str,
    checks: Mapping[str, tuple[bool, bool | None]],
) -> Reason | None:
    """
    ledger       Dagster's state   blocking checks    then
    no load      -                 -                  not certified: nothing was loaded
    emptied      -                 -                  not certified: rolled back to nothing
    a load       running           -                  not certified: rows are moving
    a load       failed            -                  not certified: its last attempt failed
    a load       other             one is red         not certified
    a load       other             one is unknown     not certified: it was never proven
    a load       other             all hold           may be compared
    """
    run = f"`migrate run {contract.name} --partitions {partition}`"
    if standing is None or not standing.entry.staged:
        back = "It was rolled back." if contract.bucket else "It was rolled back to no rows."
        why = back if standing else "Nothing of it was ever loaded."
        return Reason(contract.name, partition, why, f"{run} loads it.")
    if state == "running":
        return Reason(
            contract.name, partition, "It is being moved.", "`migrate status` says when it is done."
        )
    if state == "failed":
        return Reason(
            contract.name, partition, "The last attempt to move it failed.", f"Correct the cause, then {run}."
        )
    if red := [name for name, (blocking, passed) in checks.items() if blocking and passed is False]:
        why = f"The check {', '.join(red)} does not hold."
        return Reason(contract.name, partition, why, f"Correct the cause, then {run}.")
    if unknown := [name for name, (blocking, passed) in checks.items() if blocking and passed is None]:
        why = f"The check {', '.join(unknown)} is not on record."
        return Reason(contract.name, partition, why, f"`migrate status --rebuild`, or {run}.")
    return None


def after(proof: Proof, proven: Proven, standing: Standing | None) -> Reason | None:
    """
    rows           held still   checks   loaded meanwhile   then
    unequal        -            -        -                  not certified
    equal          no           -        -                  not certified: there was no one state of them
    equal          yes          red      -                  not certified
    equal          yes          green    yes                not certified
    equal          yes          green    no                 certified
    """
    contract, partition = proof.contract, proof.partition
    look = f"`migrate verify {contract} --partitions {partition}`"
    red = [check for check in proven.checks if check.blocking and not check.passed]
    # what a bucket holds besides is nobody's loss, and a check that warns tells it
    if red or not (proof.equal or proven.objects):
        why = (
            " ".join(check.summary for check in red)
            or "Its rows are not what the contract makes of its source."
        )
        return Reason(contract, partition, why, f"{look} names them.")
    if proof.agreed:
        return Reason(
            contract,
            partition,
            f"{proof.agreed} of its rows changed while they were compared.",
            "Certify it when nobody writes there.",
        )
    if standing is None or standing.entry.generation != proven.standing.entry.generation:
        return Reason(contract, partition, "It was loaded again meanwhile.", "Run the same command again.")
    return None
