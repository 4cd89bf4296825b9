"""Who copies a bucket: this project, and what a user would take instead, each at its best settings."""

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmark.buckets.rclone_servers import program
from benchmark.buckets.servers import KEY, REGION, SECRET, SOURCE, TARGET, Pair
from benchmark.measuring import Command

OURS = "migration-assets"
KEYS = {
    "AWS_ACCESS_KEY_ID": KEY,
    "AWS_SECRET_ACCESS_KEY": SECRET,
    "AWS_REGION": REGION,
    "AWS_DEFAULT_REGION": REGION,
}


@dataclass(frozen=True)
class Contender:
    name: str
    command: Command
    #: what it does not promise, in a few words
    note: str = ""


def contenders(pair: Pair, folder: Path, peers: Path) -> Iterator[Contender]:
    """All that are here. `folder` is empty and the contender's own."""
    one, two = pair.source.endpoint, pair.target.endpoint
    yield Contender(OURS, _ours(pair, folder, "move"))
    yield from _rclone(pair, peers)
    boto3 = [sys.executable, "-m", "benchmark.buckets.boto3_copy", one, two]
    yield Contender("boto3", Command(boto3, KEYS), "no check of its own")
    down, up = folder / "down", f"s3://{TARGET}/"
    if (peers / "bin" / "s5cmd").exists():
        begin = f"{peers}/bin/s5cmd --numworkers 32 --endpoint-url"
        steps = f"{begin} {one} cp 's3://{SOURCE}/*' {down}/ && {begin} {two} cp {down}/ {up}"
        yield Contender("s5cmd", _by_disk(steps, down), "two steps, over the disk")
    if (peers / "bin" / "aws").exists():
        begin = f"{peers}/bin/aws s3 cp --recursive --only-show-errors --endpoint-url"
        steps = f"{begin} {one} s3://{SOURCE}/ {down}/ && {begin} {two} {down}/ {up}"
        yield Contender("AWS CLI", _by_disk(steps, down), "two steps, over the disk")


def _by_disk(steps: str, down: Path) -> Command:
    return Command(["bash", "-c", f"mkdir -p {down}; {steps}; r=$?; rm -rf {down}; exit $r"], KEYS)


def listers(pair: Pair, folder: Path, peers: Path) -> Iterator[Contender]:
    """Who lists the source, every key."""
    one = pair.source.endpoint
    yield Contender(OURS, _ours(pair, folder, "list"))
    if found := program(peers):
        words = [found, "lsf", "--config", os.devnull, "-R", "--fast-list", "--files-only", f"one:{SOURCE}"]
        yield Contender("rclone", Command(words, _remotes(pair)))
    if (peers / "bin" / "s5cmd").exists():
        words = [str(peers / "bin" / "s5cmd"), "--endpoint-url", one, "ls", f"s3://{SOURCE}/*"]
        yield Contender("s5cmd", Command(words, KEYS))
    if (peers / "bin" / "aws").exists():
        words = [
            str(peers / "bin" / "aws"),
            "s3",
            "ls",
            "--recursive",
            "--endpoint-url",
            one,
            f"s3://{SOURCE}",
        ]
        yield Contender("AWS CLI", Command(words, KEYS))


def checkers(pair: Pair, folder: Path, peers: Path) -> Iterator[Contender]:
    """Who compares the two sides, without reading the objects where their ETags tell."""
    yield Contender(OURS, _ours(pair, folder, "verify"))
    if found := program(peers):
        words = [found, "check", "--config", os.devnull, "--fast-list", "--checkers", "32"]
        words += [f"one:{SOURCE}", f"two:{TARGET}"]
        yield Contender("rclone", Command(words, _remotes(pair)))


def _ours(pair: Pair, folder: Path, task: str) -> Command:
    environment = {
        **pair.source.environment("BENCH_SOURCE", SOURCE),
        **pair.target.environment("BENCH_TARGET", TARGET),
        "MIGRATION_CONTRACTS": str(Path(__file__).parent / "contracts"),
        "MIGRATION_STAGING": str(folder / "staging"),
        "DAGSTER_HOME": str(folder),
    }
    return Command([sys.executable, "-m", "benchmark.buckets.engine_alone", task], environment)


def _rclone(pair: Pair, peers: Path) -> Iterator[Contender]:
    found = program(peers)
    if not found:
        return
    remotes = _remotes(pair)
    copy = [found, "copy", "--config", os.devnull, f"one:{SOURCE}", f"two:{TARGET}"]
    yield Contender("rclone", Command(copy, remotes))
    yield Contender("rclone, tuned", Command([*copy, *TUNED], remotes))
    unseen = Command([*copy, *TUNED, "--s3-no-head"], remotes)
    yield Contender("rclone, tuned, no look back", unseen, "does not look at what arrived")


def _remotes(pair: Pair) -> dict[str, str]:
    remotes: dict[str, str] = {}
    about = {"TYPE": "s3", "PROVIDER": "Ceph", "REGION": REGION}
    about |= {"ACCESS_KEY_ID": KEY, "SECRET_ACCESS_KEY": SECRET}
    for name, store in (("ONE", pair.source), ("TWO", pair.target)):
        said = {**about, "ENDPOINT": store.endpoint}
        remotes |= {f"RCLONE_CONFIG_{name}_{key}": value for key, value in said.items()}
    return remotes


#: more of them at once than cores, no directory before its files, nothing asked twice
TUNED = (
    "--transfers", "32", "--checkers", "32", "--fast-list", "--no-traverse", "--s3-no-check-bucket",
    "--s3-disable-http2", "--buffer-size", "0", "--s3-chunk-size", "50M", "--s3-upload-concurrency", "4",
)  # fmt: skip


def absent(peers: Path) -> list[str]:
    """Who cannot take part here."""
    beside = {"s5cmd": peers / "bin" / "s5cmd", "AWS CLI": peers / "bin" / "aws"}
    missing = [name for name, file in beside.items() if not file.exists()]
    return missing + ([] if program(peers) or shutil.which("rclone") else ["rclone"])
