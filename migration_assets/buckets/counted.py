"""Counted: how many there are, and the first of them; memory does not grow with their number."""

from dataclasses import dataclass, field
from typing import Generic, TypeVar

Thing = TypeVar("Thing")

#: so many are named at most, in whatever is told
NAMED = 1000


@dataclass
class Counted(Generic[Thing]):
    number: int = 0
    first: list[Thing] = field(default_factory=list[Thing])

    def add(self, thing: Thing) -> None:
        self.number += 1
        if len(self.first) < NAMED:
            self.first.append(thing)

    def __bool__(self) -> bool:
        return self.number > 0
