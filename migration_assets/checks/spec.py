"""CheckSpec: what a contract asserts, as data."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class CheckSpec:
    """One named assertion on one stage of a contract."""

    #: letters, digits and underscores; the name of the asset check
    name: str
    stage: Literal["transformed", "loaded"]
    blocking: bool
    description: str
    columns: tuple[str, ...] = ()
