"""The job `certificate`: what `migrate certificate` does, for whoever works in the UI."""

import os
from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg

from migration_assets.contracts.model import Contract
from migration_assets.defs.asking import asking_job
from migration_assets.defs.verify import evaluations

JOB = "certificate"


class CertificateConfig(dg.Config):
    """A wave, or contracts."""

    names: list[str]


def certificate_jobs(contracts: Mapping[str, Contract]) -> list[Any]:
    return asking_job(
        JOB,
        "prove_and_sign",
        "Compares every partition of a wave with its source and writes a signed certificate."
        " None is written where anything differs, is red or was never loaded."
        " `migrate certificate` does the same.",
        CertificateConfig,
        _made,
        contracts,
    )


def _made(
    context: dg.OpExecutionContext, config: CertificateConfig, contracts: Mapping[str, Contract]
) -> Iterator[Any]:
    """The checks as they come; dg.Failure with the reasons where there is no certificate."""
    from migration_assets.control.certificate import Comparison, Made, certified, known
    from migration_assets.control.certificate_subject import subject_of
    from migration_assets.errors import MigrationError

    try:
        subject = subject_of(contracts, config.names, os.environ)
        before = known(context.instance, subject, os.environ)
        if before.reasons:
            made = Made(subject.name, reasons=before.reasons)
        else:
            comparison = Comparison()
            for each in comparison.run(subject, contracts, os.environ):
                yield from evaluations(context.instance, contracts[each.contract], each.outcomes or {})
            made = certified(subject, before, comparison, context.run_id, os.environ)
    except MigrationError as error:
        raise dg.Failure(str(error), allow_retries=False) from None
    for reason in made.reasons:
        context.log.error("%s", reason)
    if made.reasons:
        raise dg.Failure(
            f"There is no certificate of {made.subject}: {len(made.reasons)} reasons, in the log.",
            allow_retries=False,
        )
    context.log.info("%s: %d partitions, signed with %s", made.file, made.partitions, made.key)
