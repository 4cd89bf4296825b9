"""One result of one item, as it is shown; never a value of a row."""

from dataclasses import dataclass
from typing import Literal

Side = Literal["source", "target", "staging", "both"]
State = Literal["ok", "warning", "failed", "unknown"]


@dataclass(frozen=True)
class Finding:
    """What was looked at, and what was found."""

    name: str
    side: Side
    #: None where it cannot be seen from here
    passed: bool | None
    #: whether nothing should move while it does not hold
    blocking: bool
    found: str
    #: what to run or to correct next
    advice: str = ""

    @property
    def state(self) -> State:
        if self.passed is None:
            return "unknown"
        if self.passed:
            return "ok"
        return "failed" if self.blocking else "warning"


def stops(findings: "tuple[Finding, ...]") -> bool:
    """Whether any of them stands in the way."""
    return any(finding.state == "failed" for finding in findings)
