"""`python -m benchmark.buckets`: rounds of every set of objects between two servers, side by side."""

import argparse
import os
import shutil
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

from benchmark.__main__ import folder
from benchmark.buckets import objects, radosgw, rclone_servers
from benchmark.buckets.contenders import OURS, Contender, absent, checkers, contenders, listers
from benchmark.buckets.objects import SETS, Objects
from benchmark.buckets.results import About, Result, table, write
from benchmark.buckets.servers import Pair
from benchmark.measuring import measured

LIMIT = 900
#: the set that is also listed and compared
MANY = "A"


def servers(place: Path) -> AbstractContextManager[Pair]:
    """Ceph's gateways where they are installed, else those of rclone; LookupError where neither is."""
    if not radosgw.missing():
        return radosgw.running(place / "radosgw")
    rclone = rclone_servers.program(place / "peers")
    if rclone is None:
        raise LookupError("Neither radosgw nor rclone is here: run `make bench-peers`.")
    return rclone_servers.running(place / "rclone", rclone)


def contested(wanted: Objects, rounds: int, place: Path, names: Sequence[str]) -> list[Result]:
    """All rounds with one set; servers and data are made for it, and gone afterwards."""
    own = place / "buckets"
    with servers(place) as pair:
        print(f"{wanted.name}: {wanted.number:,} objects of {wanted.size:,} bytes, {pair.name}", flush=True)
        written = objects.made(pair.source, wanted)
        here = [each for each in contenders(pair, own, place / "peers") if not names or each.name in names]
        results = [
            Result(wanted.name, wanted.number, wanted.total, each.name, pair.name, note=each.note)
            for each in here
        ]
        for number in range(rounds):
            for result, contender in list(zip(results, here, strict=True))[:: 1 if number % 2 == 0 else -1]:
                _round(pair, contender, result, own, written)
        if wanted.name == MANY:
            results += _without_moving(pair, wanted, rounds, own, place / "peers")
    return results


def _without_moving(pair: Pair, wanted: Objects, rounds: int, own: Path, peers: Path) -> list[Result]:
    """The source listed, and both sides compared once the target has everything."""
    mover = next(iter(contenders(pair, own, peers)))
    measured(mover.command, own.parent / "logs" / "bucket-fill.log", LIMIT)
    results: list[Result] = []
    for task, those in (("list", listers), ("verify", checkers)):
        here = list(those(pair, own, peers))
        mine = [Result(f"{task} {wanted.name}", wanted.number, 0, each.name, pair.name) for each in here]
        for _ in range(rounds):
            for result, contender in zip(mine, here, strict=True):
                _timed(contender, result, own)
        results += mine
    return results


def _round(pair: Pair, contender: Contender, result: Result, own: Path, written: dict[str, str]) -> None:
    shutil.rmtree(own, ignore_errors=True)
    own.mkdir(parents=True)
    objects.emptied(pair.target)
    _timed(contender, result, own)
    if len(result.seconds) == 1:
        result.finding = objects.judged(pair.target, written)
        print(f"    {result.finding or 'all there'}", flush=True)


def _timed(contender: Contender, result: Result, own: Path) -> None:
    log = own.parent / "logs" / f"bucket-{result.set}-{contender.name.replace(' ', '_')}.log"
    log.parent.mkdir(exist_ok=True)
    found = measured(contender.command, log, LIMIT)
    result.seconds.append(round(found.seconds, 3))
    result.cpu.append(round(found.cpu, 2))
    result.peak_mb.append(round(found.peak_mb or 0, 1))
    result.exit_codes.append(found.exit_code)
    print(
        f"  {contender.name}: {found.seconds:.2f} s, {found.cpu:.1f} CPU s, {found.peak_mb or 0:.0f} MB"
        + (f", exit code {found.exit_code}" if found.exit_code else ""),
        flush=True,
    )


def machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores, {memory:.0f} GB"


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--sets", default="A,B,C")
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--scale", type=float, default=1.0)
    asked.add_argument("--contenders", default="")
    said = asked.parse_args()
    place = folder()
    place.mkdir(parents=True, exist_ok=True)
    names = [name.strip() for name in said.contenders.split(";") if name.strip()]
    for name in absent(place / "peers"):
        print(f"Without {name}: run `make bench-peers`.")
    about = About(
        datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        f"make bench-buckets SCALE={said.scale:g} ROUNDS={said.rounds} SETS={said.sets}",
        machine(),
        said.scale,
        said.rounds,
    )
    results: list[Result] = []
    for name in said.sets.split(","):
        results += contested(objects.scaled(SETS[name], said.scale), said.rounds, place, names)
        write(place / "buckets.json", about, results)
    print(table(results))
    return int(not all(each.is_whole for each in results if each.contender == OURS))


if __name__ == "__main__":
    sys.exit(main())
