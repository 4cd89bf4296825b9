"""`migrate verify` of a bucket, in the words of a table's: objects are rows, keys are keys."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from migration_assets.buckets.verifying import Told, Verified
from migration_assets.checks.outcome import CheckOutcome
from migration_assets.contracts.model import Contract
from migration_assets.control.kinds import of_bucket
from migration_assets.errors import MappingFault
from migration_assets.stores.trying import tried
from migration_assets.tables.fingerprint import Fingerprint
from migration_assets.tables.verify.findings import Finding
from migration_assets.tables.verify.proof import Compared, Proof


def verified(
    contract: Contract,
    partitions: Sequence[str],
    environment: Mapping[str, str],
    sample: float | None,
    seed: int,
    on_proof: Callable[[Proof], None],
    told: Told = lambda _, __: None,
) -> Iterator[tuple[Proof, tuple[CheckOutcome, ...]]]:
    """One for each partition."""
    migration = of_bucket(contract, environment)
    for key in partitions:
        found, _ = tried(lambda key=key: migration.verify(key, sample, seed, told))
        proof = _proof(contract, found)
        on_proof(proof)
        yield proof, found.outcomes


def refuse_unfit(contract: Contract) -> None:
    """A bucket is repaired by moving it again."""
    raise MappingFault(
        f"{contract.name} is a bucket, of which nothing is repaired by itself.",
        advice=f"`migrate run {contract.name}` moves what is missing or newer in the source.",
    )


def _proof(contract: Contract, found: Verified) -> Proof:
    compared = Compared(found.source, 0, 0, Fingerprint(found.source, 0), Fingerprint(found.target, 0))
    findings = tuple(Finding(kind, key) for kind, key in found.findings)
    method = f"listings, and {found.read} objects read on both sides"
    extra = sum(int(each.counts.get("extra", 0)) for each in found.outcomes)
    return Proof(
        contract.name,
        found.partition,
        compared,
        findings,
        found.unnamed,
        tolerated=extra,
        seconds=found.seconds,
        method=method,
    )
