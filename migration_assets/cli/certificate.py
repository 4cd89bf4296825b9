"""`migrate certificate`"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from migration_assets.cli.answering import Answer, answering

if TYPE_CHECKING:
    from migration_assets.certificate.against import Sides, Standing
    from migration_assets.certificate.reading import Read
    from migration_assets.control.certificate import Made
    from migration_assets.tables.verify.proof import Proof

#: reasons, damages and rows that are printed; --json has all of them
SHOWN = 20


@click.command()
@click.argument("names", nargs=-1, metavar="[CONTRACT|WAVE]…")
@click.option(
    "--check",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Whether that certificate is what was signed; nothing is connected to.",
)
@click.option(
    "--key",
    type=click.Path(dir_okay=False, path_type=Path),
    help="With --check: the one public key (PEM) that counts.",
)
@click.option(
    "--against",
    type=click.Choice(["target", "both"]),
    help="With --check: also compares the target, or source and target, as they are now.",
)
@answering
def certificate(
    names: tuple[str, ...], file: Path | None, key: Path | None, against: "Sides | None"
) -> Answer:
    """Proves every partition of a wave and writes one signed file that says so; --check reads one.

    Partitions are compared as `migrate verify` does. One that was never loaded, is red or differs: no
    certificate, and exit code 1 with the reasons.
    """
    if (file is None) == (not names):
        raise click.UsageError("Name a wave or contracts, or a certificate with --check.")
    if file is None and (key or against):
        raise click.UsageError("--key and --against go with --check.")
    return _made(names) if file is None else _checked(file, key, against)


def _made(names: Sequence[str]) -> Answer:
    import dagster as dg

    from migration_assets.contracts.loader import load
    from migration_assets.control.certificate import Comparison, Made, certified, known
    from migration_assets.control.certificate_subject import subject_of
    from migration_assets.control.project import contracts_folder
    from migration_assets.defs.verify import record

    contracts = load(contracts_folder(os.environ))
    subject = subject_of(contracts, names, os.environ)
    talking = Console(stderr=True, highlight=False, soft_wrap=True)
    with dg.DagsterInstance.get() as instance:
        before = known(instance, subject, os.environ)
        if before.reasons:
            return _answer(Made(subject.name, reasons=before.reasons, exit_code=1))
        comparison = Comparison()
        found = list(comparison.run(subject, contracts, os.environ, lambda proof: _told(talking, proof)))
        run = record(instance, [(contracts[each.contract], each.outcomes or {}) for each in found])
        return _answer(certified(subject, before, comparison, run, os.environ))


def _told(out: Console, proof: "Proof") -> None:
    verdict = "equal" if proof.equal else "differs"
    out.print(
        f"{proof.contract} {proof.partition}: {verdict}, {proof.compared.target.rows:,} rows", markup=False
    )


def _answer(made: "Made") -> Answer:
    data = {
        "subject": made.subject,
        "file": made.file,
        "certificate": made.certificate,
        "key": made.key,
        "partitions": made.partitions,
        "rows": made.rows,
        "previous": made.previous,
        "reasons": made.reasons,
    }
    return Answer(data, lambda out: _say_made(out, made), exit_code=made.exit_code)


def _say_made(out: Console, made: "Made") -> None:
    if made.file:
        out.print(f"{made.partitions} partitions, {made.rows:,} rows: {made.file}", markup=False)
        out.print(f"Signed with the key {made.key}.", markup=False)
        return
    out.print(f"There is no certificate of {made.subject}:", markup=False)
    _some(out, made.reasons)


def _checked(file: Path, key: Path | None, against: "Sides | None") -> Answer:
    from migration_assets.certificate.document import folder_of
    from migration_assets.certificate.keys import believed
    from migration_assets.certificate.reading import previous_beside, read_file
    from migration_assets.control.project import own_folder

    folder = folder_of(os.environ, own_folder(os.environ))
    read = read_file(file, believed(os.environ, folder.believed, key))
    before = previous_beside(read.certificate, file) if read.certificate else ""
    found: list[Standing] = []
    if against and read.sound:
        found = _compared(file, read, against)
    faults = not read.sound or before or any(not each.holds for each in found)
    code = max([int(bool(faults)), *(each.exit_code for each in found)])
    data = _data(file, read, before, against, found)
    return Answer(data, lambda out: _say_checked(out, file, read, before, found), exit_code=code)


def _compared(file: Path, read: "Read", against: "Sides") -> "list[Standing]":
    from migration_assets.certificate.against import standings
    from migration_assets.contracts.loader import load
    from migration_assets.control.project import contracts_folder

    assert read.certificate
    contracts = load(contracts_folder(os.environ))
    return list(standings(read.certificate, contracts, os.environ, against, file=file))


def _data(
    file: Path, read: "Read", before: str, against: str | None, found: "Sequence[Standing]"
) -> dict[str, Any]:
    there = read.certificate
    return {
        "file": file,
        "sound": read.sound,
        "damages": read.damages,
        "key": read.key,
        "believed_by": read.believed_by,
        "certificate": there.id if there else "",
        "made_at": there.head["made_at"] if there else "",
        "made_by": there.head["made_by"] if there else "",
        "subject": there.head["subject"] if there else None,
        "partitions": len(there.lines) if there else 0,
        "previous": before,
        "against": against if read.sound else None,
        "differences": [each for each in found if not each.holds],
        "holds": sum(each.holds for each in found),
    }


def _say_checked(out: Console, file: Path, read: "Read", before: str, found: "Sequence[Standing]") -> None:
    if read.certificate is None:
        number = len(read.damages)
        places = "1 place is" if number == 1 else f"{number} places are"
        out.print(f"[red]{places} not what was signed[/red]", end="")
        out.print(f" in {file}:", markup=False)
        _some(out, read.damages)
        return
    head, lines = read.certificate.head, read.certificate.lines
    out.print(f"{len(lines)} partitions, made at {head['made_at']} by {head['made_by']}.", markup=False)
    if read.believed_by:
        out.print(
            f"It is what was signed with the key {read.key}, believed by {read.believed_by}.", markup=False
        )
    else:
        out.print("[red]It is signed with a key that nobody here believes:[/red] ", end="")
        out.print(read.key, markup=False)
        out.print(
            "The file is one piece; who made it is not proven. Name the signer's public key with --key."
        )
    if before:
        out.print(before, style="red", markup=False)
    for each in [each for each in found if not each.holds][:SHOWN]:
        out.print(f"{each.contract} {each.partition} ", style="red", markup=False, end="")
        out.print(each.what, markup=False)
        _some(out, [f"{row.key}: {row.reason}" for row in each.rows], each.unnamed)
    if found:
        out.print(f"{sum(each.holds for each in found)} of {len(found)} partitions are as certified.")


def _some(out: Console, lines: Sequence[object], more: int = 0) -> None:
    for line in lines[:SHOWN]:
        out.print(f"  {line}", markup=False)
    if len(lines) > SHOWN or more:
        out.print(f"  {max(len(lines) - SHOWN, 0) + more} more; --json has those that are named.")
