"""How far a `migrate run` is: partitions, rows, rows a second, time left."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """What is done after so many seconds."""

    partitions: int
    loaded: int
    failed: int
    rows: int
    seconds: float
    #: who makes the rounds: False while a daemon or another process does
    hosting: bool = True

    @property
    def done(self) -> int:
        return self.loaded + self.failed

    @property
    def rows_per_second(self) -> float:
        return self.rows / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """At the pace so far; None while there is no pace."""
        if not self.done:
            return None
        return self.seconds / self.done * (self.partitions - self.done)
