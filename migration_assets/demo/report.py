"""What the demo's run came to: a table for the terminal, a document for programs."""

from collections.abc import Mapping

from rich.table import Table
from rich.text import Text

from migration_assets.checks.from_contract import CHECKSUM, COUNT, REFERENTIAL
from migration_assets.control.verdict import ContractVerdict, Verdict

PROOFS = (COUNT, CHECKSUM, REFERENTIAL)


def table(verdict: Verdict) -> Table:
    """One line a contract, in the order in which they were loaded."""
    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    made.add_column("contract")
    for name in ("partitions", "rows", "seconds"):
        made.add_column(name, justify="right")
    for name in (*PROOFS, "verdict"):
        made.add_column(name)
    for contract in verdict.contracts:
        made.add_row(
            contract.contract,
            f"{contract.loaded}/{contract.partitions}",
            f"{contract.rows:,}",
            f"{contract.seconds:.1f}",
            *(_coloured(proof(contract, name), holds(contract, name)) for name in PROOFS),
            _coloured(in_a_word(contract), contract.verified),
        )
    return made


def proof(contract: ContractVerdict, name: str) -> str:
    """`holds`, or for how many partitions it does; `-` where there is no such check."""
    if name not in contract.checks:
        return "-"
    tally = contract.checks[name]
    return "holds" if holds(contract, name) else f"{tally.passed} of {contract.partitions}"


def holds(contract: ContractVerdict, name: str) -> bool:
    return name not in contract.checks or contract.checks[name].passed == contract.partitions


def in_a_word(contract: ContractVerdict) -> str:
    """
    verified   warnings   quarantined   the word
    no         -          -             NOT verified
    yes        none       none          verified
    yes        some       some          verified; and how many of each
    """
    if not contract.verified:
        return "NOT verified"
    warnings = sum(contract.warnings.values())
    return "; ".join(
        ["verified"]
        + ([f"{warnings} warning{'' if warnings == 1 else 's'}"] if warnings else [])
        + ([f"{contract.quarantined:,} rows in quarantine"] if contract.quarantined else [])
    )


def document(verdict: Verdict) -> Mapping[str, object]:
    """The same, and the reasons of what failed, for `--json`."""
    return {
        "verified": verdict.verified,
        "run": verdict.run,
        "seconds": verdict.seconds,
        "contracts": [
            {
                "contract": contract.contract,
                "partitions": contract.partitions,
                "loaded": contract.loaded,
                "rows": contract.rows,
                "quarantined": contract.quarantined,
                "seconds": contract.seconds,
                "checks": {
                    name: {"passed": tally.passed, "failed": tally.failed, "blocking": tally.blocking}
                    for name, tally in contract.checks.items()
                },
                "failures": [
                    {"partition": failure.partition, "stage": failure.stage, "reason": failure.reason}
                    for failure in contract.failures
                ],
                "verified": contract.verified,
            }
            for contract in verdict.contracts
        ],
    }


def _coloured(word: str, good: bool) -> Text:
    return Text(word, style="green" if good else "bold red")
