"""What a run came to, contract by contract; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from migration_assets.contracts.model import Contract
from migration_assets.control.records import Failure, Tally


@dataclass(frozen=True)
class ContractVerdict:
    contract: str
    partitions: int
    loaded: int
    rows: int
    quarantined: int
    #: of all stages, added up over partitions
    seconds: float
    failures: tuple[Failure, ...]
    checks: Mapping[str, Tally]

    @property
    def verified(self) -> bool:
        """Every partition is there, and every blocking check was made and holds for every one of them."""
        return self.loaded == self.partitions and not self.unproven

    @property
    def unproven(self) -> tuple[str, ...]:
        """The blocking checks that failed, or were not recorded, for some partition."""
        return tuple(
            name
            for name, tally in self.checks.items()
            if tally.blocking and (tally.failed or (self.loaded == self.partitions > tally.passed))
        )

    @property
    def warnings(self) -> dict[str, int]:
        """Checks that do not block, and for how many partitions they do not hold."""
        return {
            name: tally.failed for name, tally in self.checks.items() if tally.failed and not tally.blocking
        }


@dataclass(frozen=True)
class Verdict:
    run: str
    backfill: str
    seconds: float
    contracts: tuple[ContractVerdict, ...]

    @property
    def verified(self) -> bool:
        return all(contract.verified for contract in self.contracts)


def judge(
    contract: Contract,
    partitions: Sequence[str],
    *,
    loaded: Mapping[str, int],
    failed: Mapping[str, Failure],
    checks: Mapping[str, Tally],
    otherwise: str,
    seconds: float,
    quarantined: int,
) -> ContractVerdict:
    """
    loaded    a run says why not    the partition
    yes       -                     is there
    no        yes                   failed, for that reason
    no        no                    failed, for the reason that holds for all such: `otherwise`
    """
    missing = [partition for partition in partitions if partition not in loaded]
    return ContractVerdict(
        contract.name,
        len(partitions),
        len(partitions) - len(missing),
        sum(loaded.values()),
        quarantined,
        round(seconds, 3),
        tuple(
            failed.get(partition) or Failure(contract.name, partition, "loaded", otherwise)
            for partition in missing
        ),
        checks,
    )
