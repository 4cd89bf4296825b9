"""What a sample took, and what that makes for the whole; frozen and pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

#: seconds that a partition costs however small it is: its transaction, its files, its connections
A_PARTITION = 0.1
#: bytes of all samples below which they tell nothing of a speed
TELLING = 1 << 20

#: where a number of rows is from
Origin = Literal["read", "counted", "catalog", "unknown"]


@dataclass(frozen=True)
class Probe:
    """A contract's first rows, taken through its stages, and into a temporary table at the end."""

    contract: str
    rows: int
    #: of the rows as they are staged
    bytes: int
    #: whether these are all rows of the contract
    whole: bool
    read_seconds: float
    transform_seconds: float
    load_seconds: float

    @property
    def seconds(self) -> float:
        return self.read_seconds + self.transform_seconds + self.load_seconds


@dataclass(frozen=True)
class Size:
    """What is known of a table before it is read."""

    rows: int | None
    #: in the source's own files; None where it does not tell
    bytes: int | None
    origin: Origin = "catalog"


@dataclass(frozen=True)
class Estimate:
    """What a contract will come to; None where nothing tells."""

    contract: str
    rows: int | None
    #: as staged: text
    bytes: int | None
    #: one partition after another, without Dagster's own part
    seconds: float | None
    partitions: int | None
    #: where the number of rows is from, and what the seconds are measured with
    how: str


@dataclass(frozen=True)
class Failed:
    """A contract whose sample could not be taken through, and why, in a sentence."""

    contract: str
    reason: str


@dataclass(frozen=True)
class Estimates:
    contracts: tuple[Estimate, ...]
    probes: tuple[Probe, ...] = ()
    failed: tuple[Failed, ...] = ()

    @property
    def rows(self) -> int:
        return sum(each.rows or 0 for each in self.contracts)

    @property
    def bytes(self) -> int:
        return sum(each.bytes or 0 for each in self.contracts)

    @property
    def seconds(self) -> float:
        return sum(each.seconds or 0 for each in self.contracts)

    @property
    def unknown(self) -> tuple[str, ...]:
        """Contracts that are not in the sums."""
        return tuple(each.contract for each in self.contracts if each.bytes is None)

    def of_partitions(self, chosen: Mapping[str, int]) -> "Estimates":
        """The same for some of each contract's partitions, taken to be alike."""
        return replace(self, contracts=tuple(_part(each, chosen[each.contract]) for each in self.contracts))

    @property
    def reading(self) -> float | None:
        """Bytes a second out of the source; None where the samples are too small to tell."""
        return _rate(self.probes, [probe.read_seconds for probe in self.probes])

    @property
    def loading(self) -> float | None:
        """Bytes a second into the target, proof included."""
        return _rate(self.probes, [probe.load_seconds for probe in self.probes])


_ORIGINS: Mapping[Origin, str] = {
    "read": "all rows were read",
    "counted": "rows counted",
    "catalog": "rows as the catalog estimates",
    "unknown": "the source does not tell how many rows",
}


def estimated(contract: str, size: Size, partitions: int | None, probes: Mapping[str, Probe]) -> Estimate:
    """
    own sample   rows are     rows            bytes                    seconds
    all rows     -            the sample's    the sample's             the sample's
    some         known        known           rows * sample's a row    rows * sample's a row
    none         known        known           the source's, else rows  bytes * all samples' a byte
                                              * all samples' a row
    any          not known    None            the source's bytes       likewise
    """
    probe = probes.get(contract)
    if probe and probe.whole:
        size = Size(probe.rows, probe.bytes, "read")
    own = probe if probe and probe.rows else None
    every = list(probes.values())
    rows, bytes_ = size.rows, size.bytes
    if own and rows is not None:
        bytes_ = round(rows * own.bytes / own.rows)
        seconds: float | None = rows * own.seconds / own.rows
        how = "its own sample"
    else:
        all_bytes, all_rows = sum(p.bytes for p in every), sum(p.rows for p in every)
        if bytes_ is None and rows is not None and all_rows:
            bytes_ = round(rows * all_bytes / all_rows)
        if rows == 0:
            bytes_ = 0
        known = bytes_ is not None and all_bytes
        seconds = (bytes_ or 0) * sum(p.seconds for p in every) / all_bytes if known else None
        how = "other tables' samples" if known else "no sample"
        if rows == 0:
            seconds, how = 0.0, "nothing to move"
    if seconds is not None:
        seconds += A_PARTITION * (partitions or 1)
    return Estimate(contract, rows, bytes_, seconds, partitions, f"{_ORIGINS[size.origin]}; {how}")


def _part(whole: Estimate, partitions: int) -> Estimate:
    if not whole.partitions or partitions >= whole.partitions:
        return whole
    share = partitions / whole.partitions
    return replace(
        whole,
        rows=None if whole.rows is None else round(whole.rows * share),
        bytes=None if whole.bytes is None else round(whole.bytes * share),
        seconds=None if whole.seconds is None else whole.seconds * share,
        partitions=partitions,
        how=f"{whole.how}; {partitions} of {whole.partitions} partitions",
    )


def worth_a_sample(sizes: Mapping[str, Size], most: int) -> tuple[str, ...]:
    """The contracts with the most to move, until they make up nine tenths of what is known."""
    weights = {name: _weight(size) for name, size in sizes.items()}
    total = sum(weights.values())
    chosen: list[str] = []
    for name in sorted(weights, key=lambda name: -weights[name]):
        if len(chosen) == most or (chosen and sum(weights[each] for each in chosen) >= 0.9 * total):
            break
        chosen.append(name)
    return tuple(chosen)


def _weight(size: Size) -> int:
    if size.bytes is not None:
        return size.bytes
    # a row of a hundred bytes; what tells nothing may be large
    return size.rows * 100 if size.rows is not None else 1 << 30


def _rate(probes: Sequence[Probe], seconds: Sequence[float]) -> float | None:
    taken, moved = sum(seconds), sum(probe.bytes for probe in probes)
    return moved / taken if taken and moved >= TELLING else None
