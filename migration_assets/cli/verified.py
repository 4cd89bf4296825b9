"""What `migrate verify` found: as data, as CSV, and for people."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from migration_assets.control.verify import Verified
    from migration_assets.tables.verify.proof import Proof

#: differing rows that are printed of a contract; --json and --csv have all that were named
SHOWN = 20


def as_data(found: "Sequence[Verified]", seed: int | None) -> dict[str, Any]:
    return {
        "equal": all(each.equal for each in found),
        "seed": seed,
        "contracts": [
            {
                "contract": each.contract,
                "equal": each.equal,
                "failure": each.failure,
                "structure": each.structure,
                "proposed": each.proposed,
                "checks": {
                    partition: [vars(outcome) for outcome in checks]
                    for partition, checks in (each.outcomes or {}).items()
                },
                "partitions": [_partition(proof) for proof in each.proofs],
            }
            for each in found
        ],
    }


def _partition(proof: "Proof") -> dict[str, Any]:
    return {
        "partition": proof.partition,
        "equal": proof.equal,
        "rows": {
            "source": proof.compared.read,
            "quarantined": proof.compared.quarantined,
            "refused": proof.compared.refused,
            "expected": proof.compared.source.rows,
            "target": proof.compared.target.rows,
        },
        "expected": str(proof.compared.source),
        "found": str(proof.compared.target),
        "missing": proof.number("missing"),
        "extra": proof.number("extra"),
        "changed": proof.number("changed"),
        "unnamed": proof.unnamed,
        "agreed_later": proof.agreed,
        "tolerated": proof.tolerated,
        "cause": proof.cause,
        "columns": proof.columns,
        "sample": proof.sample,
        "source_snapshot": proof.compared.source_snapshot,
        "target_snapshot": proof.compared.target_snapshot,
        "seconds": round(proof.seconds, 3),
        "method": proof.method,
        "repaired": proof.repaired,
        "findings": proof.findings,
    }


def write_csv(file: Path, found: "Sequence[Verified]") -> None:
    """A line for each differing row, and for each column of a changed one where values are asked for."""
    with file.open("w", encoding="utf-8", newline="") as handle:
        rows = csv.writer(handle)
        rows.writerow(
            ["contract", "partition", "kind", "key", "rows", "columns", "column", "source", "target"]
        )
        for each in found:
            for proof in each.proofs:
                for one in proof.findings:
                    head = [each.contract, proof.partition, one.kind, one.key, one.number]
                    head.append(" ".join(one.columns))
                    for value in one.values or (None,):
                        more = [value.column, value.source, value.target] if value else ["", "", ""]
                        rows.writerow([*head, *more])


def say(out: Console, found: "Sequence[Verified]") -> None:
    if not found:
        out.print("Nothing to do.")
        return
    table = Table("contract", box=None, header_style="bold")
    for name in ("partitions", "rows", "missing", "extra", "changed", "seconds"):
        table.add_column(name, justify="right")
    table.add_column("verdict")
    for each in found:
        proofs = each.proofs
        table.add_row(
            escape(each.contract),
            f"{sum(proof.equal for proof in proofs)}/{len(proofs)}",
            f"{sum(proof.compared.target.rows for proof in proofs):,}",
            *(f"{sum(proof.number(kind) for proof in proofs):,}" for kind in ("missing", "extra", "changed")),
            f"{sum(proof.seconds for proof in proofs):,.1f}",
            _verdict(each),
        )
    out.print(table)
    for each in found:
        _say_more(out, each)


def _verdict(each: "Verified") -> str:
    if each.failure:
        return "[red]could not be verified[/red]"
    if not each.equal:
        return "[red]not equal[/red]"
    part = "; a part of it" if each.outcomes is None else ""
    return f"[green]equal{part}[/green]"


def _say_more(out: Console, each: "Verified") -> None:
    if each.failure:
        out.print(f"[red]{escape(each.contract)}:[/red] {escape(each.failure)}")
    for proof in each.proofs:
        if proof.repaired:
            done, left = len(proof.repaired.done), proof.repaired.left
            out.print(f"{each.contract} {proof.partition}: {done} rows repaired, {left} left", markup=False)
        if proof.cause:
            out.print(f"{each.contract} {proof.partition}: {proof.cause}", markup=False)
    findings = [(proof, one) for proof in each.proofs for one in proof.findings]
    for proof, one in findings[:SHOWN]:
        out.print(f"[red]{escape(f'{each.contract} {proof.partition}')}[/red] ", end="")
        out.print(f"{one.key}: {one.reason}", markup=False)
        for value in one.values:
            out.print(f"    {value.column}: {value.source!r} in the source, {value.target!r}", markup=False)
    unnamed = sum(proof.unnamed for proof in each.proofs)
    if len(findings) > SHOWN or unnamed:
        more = len(findings) - SHOWN if len(findings) > SHOWN else 0
        out.print(f"{each.contract}: {more + unnamed} more; --json and --csv have those that were named.")
    for checks in (each.outcomes or {}).values():
        for check in checks:
            if check.name == "referential" and not check.passed:
                out.print(f"[red]{escape(each.contract)} referential:[/red] {escape(check.summary)}")
                for row in check.rows[:SHOWN]:
                    out.print(f"    {row.key}: {row.reason}", markup=False)
    for line in each.structure:
        out.print(f"[red]{escape(each.contract)} structure:[/red] {escape(line)}")
    for line in each.proposed:
        out.print(f"[cyan]{escape(each.contract)} proposed:[/cyan] {escape(line)}")
