"""Lanes: partitions of one contract side by side, in processes of their own, so that all cores work.

Threads would not do: a database's rows reach Python one by one, and each of them takes the lock that
the other threads wait for. Processes are only worth their start where a partition takes seconds.
"""

import os
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from types import TracebackType
from typing import TYPE_CHECKING

from migration_assets.checks.rules import rules
from migration_assets.contracts.model import Contract
from migration_assets.errors import ConnectionRefused
from migration_assets.stages.report import Stage
from migration_assets.stages.way import StageResult

if TYPE_CHECKING:
    from migration_assets.tables.lane import Opening

#: lanes where nobody says how many
MOST = 4


def number_of_lanes(environment: Mapping[str, str]) -> int:
    """`MIGRATION_LANES`, else one a core, at most four; ConnectionRefused for what is no number."""
    said = environment.get("MIGRATION_LANES")
    if not said:
        return min(MOST, _cores())
    if not said.isdecimal() or int(said) < 1:
        raise ConnectionRefused(
            "MIGRATION_LANES is no number of 1 or more.",
            advice="Set it to how many partitions one run may move side by side, or leave it unset.",
        )
    return int(said)


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1


#: what is freed goes back to the system sooner, at no cost that could be measured
MEMORY = {"ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_ARENA_MAX": "2"}


class Lanes:
    """Open lanes; leaving ends their processes, whatever they are doing."""

    def __init__(
        self,
        contract: Contract,
        contracts: Mapping[str, Contract],
        environment: Mapping[str, str],
        number: int,
    ) -> None:
        self._contract = contract
        self._contracts = contracts
        self._environment = environment
        self._number = number
        self._lanes: list[Connection] = []
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Lanes":
        pairs = [socket.socketpair() for _ in range(self._number)]
        theirs = [pair[1].fileno() for pair in pairs]
        what = "looking" if _looks(self._contract) else "passing"
        command = [sys.executable, "-m", "migration_assets.tables.lane", what, *map(str, theirs)]
        environment = os.environ | MEMORY | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        self._process = subprocess.Popen(command, pass_fds=theirs, stdin=subprocess.DEVNULL, env=environment)
        for ours, their in pairs:
            their.close()
            self._lanes.append(Connection(ours.detach()))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for lane in self._lanes:
            lane.close()
        if self._process is not None:
            self._process.wait()

    def moved(self, partitions: Sequence[str], stages: Sequence[Stage], run_id: str) -> Iterator[StageResult]:
        """The partitions' results as they come; those of one partition in their order."""
        waiting = deque(partitions)
        #: by lane, the partition that it has and the stages that are not told of yet
        busy: dict[Connection, tuple[str, list[Stage]]] = {}
        for lane in self._lanes:
            if waiting and _sent(lane, self._opening(stages, run_id)):
                _give(lane, waiting, stages, busy)
        while busy:
            for lane in wait(list(busy)):
                assert isinstance(lane, Connection)
                partition, left = busy[lane]
                try:
                    result = lane.recv()
                except (EOFError, OSError):
                    del busy[lane]
                    yield _dead(partition, left[0])
                    continue
                if result is not None:
                    left.remove(result.stage)
                    yield result
                    continue
                del busy[lane]
                _give(lane, waiting, stages, busy)
        for partition in waiting:
            yield _dead(partition, stages[0])

    def _opening(self, stages: Sequence[Stage], run_id: str) -> "Opening":
        from migration_assets.tables.lane import Opening

        return Opening(
            self._contract,
            dict(self._contracts),
            dict(self._environment),
            tuple(stages),
            run_id,
            tuple(sys.path),
        )


def _looks(contract: Contract) -> bool:
    """Whether its rows will be mapped or judged, as far as the contract tells."""
    mapped = contract.hook or any(column.expression is not None for column in contract.columns)
    # what the source keeps unique needs no look, and it is not asked here
    return bool(mapped) or any(rule.kind != "unique" for rule in rules(contract))


def _sent(lane: Connection, message: object) -> bool:
    """Whether the lane could still be told; a dead one is found when it is waited for."""
    with suppress(OSError):
        lane.send(message)
        return True
    return False


def _give(
    lane: Connection,
    waiting: deque[str],
    stages: Sequence[Stage],
    busy: dict[Connection, tuple[str, list[Stage]]],
) -> None:
    if waiting:
        partition = waiting.popleft()
        busy[lane] = (partition, list(stages))
        _sent(lane, partition)


def _dead(partition: str, stage: Stage) -> StageResult:
    return StageResult(
        partition,
        stage,
        failure="The process that moved it ended without a word; it may have been killed for its memory. "
        "The target's partition is as it was, or as the ledger says. Run it again.",
    )
