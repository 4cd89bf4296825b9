"""The contest: in each case, round after round, the contenders one after another, each in a fresh process."""

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from benchmark import data, exact, target
from benchmark.cases import Case
from benchmark.contenders import PIPE
from benchmark.measuring import TOO_LONG, Measured, measured
from benchmark.places import Place, places, turned
from benchmark.results import Contest, Round
from benchmark.task import Contender, Task
from benchmark.world import World

#: seconds that one round of one contender may take
LIMIT = 900

Say = Callable[[str], None]


def contested(
    world: World,
    case: Case,
    chosen: Sequence[Contender],
    rounds: int,
    say: Say,
    keep: Callable[[list[Contest]], None],
) -> None:
    """All rounds of a case; `keep` is given its contests after each round."""
    with world.source_of(case) as source:
        total = world.rows_of(case)
        found = places(case, chosen, total, world.peers)
        for place in found:
            if place.absent:
                say(f"{case.name}: without {place.contender.name}: {place.absent}")
        ring = Ring(world, case, source, total)
        for number in range(rounds if case.timed else 1):
            for place in turned([place for place in found if not place.absent], number):
                ring.run(place, number, say)
            keep([contest for place in found for contest in place.contests])


@dataclass(frozen=True)
class Ring:
    """A case with its source running, its contract planned."""

    world: World
    case: Case
    source: str
    total: int

    @cached_property
    def contracts(self) -> Path:
        return self.world.planned(self.case, self.source)

    @cached_property
    def _wanted(self) -> dict[tuple[str, bool], exact.Wanted]:
        return {}

    def run(self, place: Place, number: int, say: Say) -> None:
        """One round of one contender; after its first one, what became of the rows."""
        contest = place.contest
        if contest.failed:
            return
        said = f"{self.case.name}, round {number + 1}: {contest.contender}, {contest.rows:,} rows"
        task = self._task(place)
        found = self._measured(place.contender, task, number)
        say(f"{said}: {found.seconds:.2f} s" + (f", exit code {found.exit_code}" if found.exit_code else ""))
        staged = _staged(task.folder / "staging")
        contest.rounds.append(Round(found.seconds, found.cpu, found.peak_mb, found.exit_code, staged))
        for stage, seconds in _stages(task.folder / "stages.json").items():
            if stage in place.stages:
                place.stages[stage].rounds.append(Round(seconds))
        if found.exit_code:
            late = found.exit_code == TOO_LONG
            contest.notes.append(f"ended after {LIMIT} s" if late else f"exit code {found.exit_code}")
        if contest.exact is None:
            self._judge(contest, task)

    def _task(self, place: Place) -> Task:
        rows = place.contest.rows
        folder = self.world.folder / "round"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, mode=0o700)
        return Task(
            case=self.case,
            table=self.case.table if rows == self.total else data.prefix(rows),
            rows=rows,
            source=self.source,
            postgres=self.world.source,
            target=self.world.target,
            folder=folder,
            peers=self.world.peers,
            contracts=self.contracts,
            home=self.world.home,
        )

    def _measured(self, contender: Contender, task: Task, number: int) -> Measured:
        target.empty(task.target)
        if not contender.makes_table:
            target.with_table(task.target, self.case.table)
        target.settled(task.target)
        log = self.world.folder / "logs" / f"{self.case.name}-{contender.name}-{task.rows}-{number + 1}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        return measured(contender.command(task), log, LIMIT)

    def _judge(self, contest: Contest, task: Task) -> None:
        mapped = self.case.mapped and contest.contender != PIPE
        key = task.table, mapped
        if key not in self._wanted:
            query = (exact.mapped(self.case),) if mapped else ()
            self._wanted[key] = exact.wanted(self.world.source, task.table, *query)
        finding = exact.compared(self._wanted[key], task.target, self.case.table)
        contest.exact = finding.exact
        contest.notes.append(finding.note)


def _staged(folder: Path) -> int | None:
    """Bytes of staged files; None where nothing was staged."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) or None


def _stages(file: Path) -> dict[str, float]:
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
