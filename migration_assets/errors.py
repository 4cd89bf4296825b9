"""Every error that the project raises, as one tree.

MigrationError                    what an operator reads: what, why, and the next command
├── ContractFaults                the data contracts cannot be used; all faults of all files
│   └── WaveRefused               wave files cannot be used; all faults of all files
├── WaveHeld                      a wave may not start, or nobody may let it go on yet
├── ConnectionRefused             a connection is missing, unsafe or cannot be made
├── UnknownSource                 no module reads this kind of database
├── DiscoveryRefused              nothing can be discovered, or what is cannot be written
├── PlanRefused                   the partitions asked for cannot be planned or are too many
├── MappingFault                  the contract's columns and the source's do not fit
├── StructureDiffers              the target's table is not what the contract says
├── SourceChanged                 an object is not what its inventory says any more
├── StagingRefused                a staged file is missing, damaged or not this partition's
├── RowsRefused                   rows that may not be loaded, under `bad_rows: fail`
├── LoadRefused                   the target refused the rows (a constraint, a right, a type)
├── ProofFailed                   the loaded rows are not what the contract says
├── Fenced                        a newer generation of the partition is already there
├── RollbackRefused               what is asked for cannot be put back exactly, or would break other rows
├── TargetChanged                 rows were changed in the target since they were loaded
├── CertificateRefused            a certificate or a key is not there, or is none
└── Passing                       a fault of the moment (connection, lock, restart): try again
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal


class MigrationError(Exception):
    """What went wrong, and what to do next; never a row value, never a password."""

    exit_code = 1
    #: whether the same work may succeed when simply tried again
    passing = False
    #: of a partition that may be let in together with others of its contract, what is in its way there:
    #: keys that they hold, or references to rows that went there
    together: Literal["", "keys", "references"] = ""
    #: the causes of the faults after which the work was tried again, before this one ended it
    tried_after: tuple[str, ...] = ()

    def __init__(self, what: str, *, advice: str = "") -> None:
        self.what = what
        self.advice = advice
        super().__init__(f"{what} {advice}".strip())

    def __reduce__(self) -> tuple[Any, ...]:
        """As it is, whatever its own kind asks for to be made: it may come from another process."""
        return _again, (type(self), self.args, self.__dict__)


def _again(kind: type[MigrationError], words: tuple[str, ...], facts: dict[str, Any]) -> MigrationError:
    error = kind.__new__(kind, *words)
    error.args = words
    error.__dict__.update(facts)
    return error


@dataclass(frozen=True, order=True)
class Fault:
    """One fault of one contract: where it stands, what is wrong, what would be right."""

    file: str
    path: str
    what: str
    right: str = ""
    #: counted from 1; 0 where there is none
    line: int = 0

    def __str__(self) -> str:
        file = f"{self.file}:{self.line}" if self.line else self.file
        place = f"{file}: {self.path}" if self.path else file
        return f"{place}: {self.what}" + (f". {self.right}" if self.right else "")


class ContractFaults(MigrationError):
    """All faults of all contract files, at once."""

    exit_code = 2
    whose = "The data contracts"

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(sorted(set(faults), key=lambda fault: (fault.file, fault.line, fault)))
        lines = "\n".join(f"  {fault}" for fault in self.faults)
        one = len(self.faults) == 1
        super().__init__(
            f"{self.whose} have {len(self.faults)} fault{'' if one else 's'}:\n{lines}\n",
            advice=f"Correct {'it' if one else 'them'}, then run `migrate contracts check`.",
        )


class WaveRefused(ContractFaults):
    """All faults of all wave files, at once."""

    whose = "The waves"


class WaveHeld(MigrationError):
    pass


class ConnectionRefused(MigrationError):
    exit_code = 2


class UnknownSource(MigrationError):
    exit_code = 2


class DiscoveryRefused(MigrationError):
    exit_code = 2


class PlanRefused(MigrationError):
    exit_code = 2


class MappingFault(MigrationError):
    exit_code = 2


class StructureDiffers(MigrationError):
    """The target's table differs from the contract; `differences` has one sentence a column."""

    def __init__(self, table: str, differences: Sequence[str]) -> None:
        self.table = table
        self.differences = tuple(differences)
        lines = "\n".join(f"  {line}" for line in self.differences)
        super().__init__(
            f"The target's table {table} is not what the contract says; nothing was read:\n{lines}\n",
            advice="Correct the contract or alter the table, then run `migrate plan`.",
        )


class SourceChanged(MigrationError):
    pass


class StagingRefused(MigrationError):
    pass


class RowsRefused(MigrationError):
    pass


class LoadRefused(MigrationError):
    pass


class ProofFailed(MigrationError):
    pass


class Fenced(MigrationError):
    pass


class RollbackRefused(MigrationError):
    pass


class TargetChanged(MigrationError):
    pass


class CertificateRefused(MigrationError):
    exit_code = 2


class Passing(MigrationError):
    """`cause` is one word for why: connection, conflict, lock, resources, restart, busy, slots, storage."""

    passing = True

    def __init__(self, what: str, *, advice: str = "", cause: str = "moment") -> None:
        self.cause = cause
        super().__init__(what, advice=advice)
