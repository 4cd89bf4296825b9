"""Cause: which link of the chain a difference comes from, as far as the load's own record tells it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Then:
    """What the last load left: the target's fingerprint in the ledger, and, while its staged files are
    kept, the fingerprint of the source's rows and what of the contract decided the target's."""

    generation: int
    target: str
    source: str | None = None
    meaning: str | None = None


@dataclass(frozen=True)
class Now:
    """Fingerprints of the target, of what the contract makes of the source, and of the source's rows."""

    target: str
    made: str
    source: str
    meaning: str


def cause(then: Then | None, now: Now) -> str:
    """
    load's record     target      source's rows   contract    cause
    none              -           -               -           nobody knows
    there             other       -, and made     -           the target changed
                                  as then
    there             as then     other           as then     the source changed
    there             as then     as then         other       the contract is another one
    there             as then     as then         as then     the mapping makes other rows
    there             as then     not kept        -           source or contract
    there             other       other           -           both sides changed
    """
    if then is None:
        return "The ledger has no load of this partition, so nothing says which side it comes from."
    load = f"generation {then.generation} was loaded"
    if now.target != then.target and now.made == then.target:
        return f"The target's rows changed since {load}; the source's did not."
    whence = _of_source(then, now)
    if now.target == then.target:
        return f"The target's rows are those that {load} with; {whence}."
    return f"The target's rows changed since {load}, and {whence}."


def _of_source(then: Then, now: Now) -> str:
    if then.source is None:
        return "the source or the contract changed since"
    if now.source != then.source:
        return "the source's rows changed since"
    if then.meaning != now.meaning:
        return "the source's rows did not: the contract is another one than it was loaded by"
    return "the source's rows did not: the mapping makes other rows of them than were loaded"
