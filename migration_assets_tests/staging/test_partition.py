"""What holds wherever rows are staged: the same suite for a folder and for S3."""

import threading
import time
from collections.abc import Iterator

import pytest

from migration_assets.errors import MigrationError, Passing, StagingRefused
from migration_assets.staging.manifest import Manifest
from migration_assets.staging.partition import StagedPartition
from migration_assets_tests.staging.world import LINES, World, add, manifest, stage

ALL = b"".join(LINES)


def read(partition: StagedPartition, found: Manifest, piece: int = 1 << 20) -> bytes:
    return b"".join(partition.read(found, piece))


@pytest.mark.parametrize("piece", [1, 5, 7, 1 << 20])
def test_rows_are_read_back_in_whole_lines(world: World, piece: int) -> None:
    stage(world.partition())
    staged, found = world.partition().newest("extracted", "somebody-else")

    pieces = list(world.partition().read(found, piece))

    assert b"".join(pieces) == ALL
    assert all(each.endswith(b"\n") for each in pieces)
    assert staged.name == "00000001-run-1"


def test_rows_without_a_manifest_do_not_exist(world: World) -> None:
    partition = world.partition()
    staged = partition.begin(1, "run-1")
    with staged.rows("extracted") as rows:
        rows.write(ALL)

    assert staged.manifest("extracted") is None
    with pytest.raises(StagingRefused, match="Nothing is staged at `extracted`"):
        partition.newest("extracted", "run-1")


def test_an_error_while_rows_are_written_leaves_no_file(world: World) -> None:
    staged = world.partition().begin(1, "run-1")

    def written() -> None:
        with staged.rows("extracted") as rows:
            rows.write(ALL)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        written()
    assert world.files() == []


def test_no_rows_at_all_are_read_as_none(world: World) -> None:
    stage(world.partition(), lines=[])
    _, found = world.partition().newest("extracted", "run-1")

    assert read(world.partition(), found) == b""


@pytest.mark.parametrize(
    "content", [ALL.replace(b"two", b"twp"), ALL[:-7], ALL + b"4\tfour\n", b"", None], ids=str
)
def test_bytes_that_are_not_those_written_are_refused(world: World, content: bytes | None) -> None:
    stage(world.partition())
    world.replace(world.file(".copy"), content)
    _, found = world.partition().newest("extracted", "run-1")

    with pytest.raises(StagingRefused, match="missing or not what was written"):
        read(world.partition(), found)


def test_a_manifest_that_was_changed_is_refused(world: World) -> None:
    stage(world.partition())
    path = world.file(".json")
    world.replace(path, world.bytes_of(path).replace(b'"rows": 3', b'"rows": 4'))

    with pytest.raises(StagingRefused, match="is damaged"):
        world.partition().newest("extracted", "run-1")


def test_a_manifest_of_another_partition_is_refused(world: World) -> None:
    stage(world.partition(key="north"))
    for path in world.files():
        world.replace(path.replace("north", "south"), world.bytes_of(path))

    with pytest.raises(StagingRefused, match="those of another partition"):
        world.partition(key="south").newest("extracted", "run-1")


def test_a_run_takes_its_own_set_and_else_the_newest(world: World) -> None:
    partition = world.partition()
    for generation, run in ((2, "late"), (1, "early")):
        stage(partition, generation, run)

    names = [partition.newest("extracted", run)[0].name for run in ("early", "late", "nobody")]

    assert names == ["00000001-early", "00000002-late", "00000002-late"]
    assert [each.name for each in partition.sets()] == ["00000002-late", "00000001-early"]


def test_of_one_generation_the_set_that_was_begun_last_comes_first(world: World) -> None:
    stage(world.partition(), 1, "z-first")
    if world.tells_seconds:
        time.sleep(1.1)
    stage(world.partition(), 1, "a-second")

    assert [each.run for each in world.partition().sets()] == ["a-second", "z-first"]


def test_a_set_that_is_begun_again_is_empty(world: World) -> None:
    stage(world.partition(), 1, "run-1")
    staged = world.partition().begin(1, "run-1")

    assert staged.manifest("extracted") is None
    assert world.files() == []


def test_a_stage_that_is_sealed_again_is_the_new_one(world: World) -> None:
    partition = world.partition()
    first = stage(partition)
    second = add(partition, partition.named("00000001-run-1"), [b"9\tnine\n"])
    _, found = partition.newest("extracted", "run-2")

    assert found == second != first
    assert read(partition, found) == b"9\tnine\n"


def test_pruning_keeps_what_is_named_and_what_is_newer(world: World) -> None:
    partition = world.partition()
    for generation, run in ((1, "a"), (1, "dead"), (2, "b"), (3, "c")):
        stage(partition, generation, run)

    partition.prune(["00000001-a"], below=2)

    assert sorted(each.name for each in partition.sets()) == ["00000001-a", "00000003-c"]


def test_partitions_whose_names_are_alike_stay_apart(world: World) -> None:
    keys = ["a/b", "a_b", "../a", "A b", "Ä", "", "x" * 300, "a.b", "..", "a|1"]
    for key in keys:
        stage(world.partition(key=key), lines=[key.encode() + b"\n"])

    for key in keys:
        partition = world.partition(key=key)
        (only,) = partition.sets()
        assert read(partition, partition.newest("extracted", "x")[1]) == key.encode() + b"\n"
        assert only.generation == 1


def test_what_is_aside_is_gone_afterwards_and_trying_out_leaves_nothing(world: World) -> None:
    stage(world.partition())
    before = world.files()
    with world.staging.root.aside() as aside:
        stage(StagedPartition(aside.place("customers", "all"), "customers", "all"))
        assert len(world.files()) == 4
    world.staging.root.try_out()

    assert world.files() == before


def test_a_contract_can_be_forgotten_alone(world: World) -> None:
    stage(world.partition("customers", "a"))
    stage(world.partition("customers_of_old", "a"))

    world.staging.root.forget("customers")

    assert world.partition("customers", "a").sets() == []
    assert len(world.partition("customers_of_old", "a").sets()) == 1


def test_a_scratch_is_nowhere_to_be_found(world: World) -> None:
    staged = world.partition().begin(1, "run-1")
    with staged.scratch() as scratch:
        scratch.write(b"0" * 16)
        assert scratch.written().tell() == 16
        assert world.files() == []


@pytest.mark.parametrize("runs", [("run-1", "run-2"), ("run-1", "run-1")], ids=["two runs", "one run twice"])
def test_two_that_stage_the_same_partition_at_once_leave_what_can_be_proven(
    world: World, runs: tuple[str, str]
) -> None:
    ends: list[MigrationError | None] = []
    together = threading.Barrier(2)

    def go(run: str, line: bytes) -> None:
        partition = world.partition()
        try:
            staged = partition.begin(1, run)
            together.wait(10)
            with staged.rows("extracted") as rows:
                for _ in range(50):
                    rows.write(line)
                together.wait(10)
            staged.seal(manifest(partition, staged, "extracted", [rows.staged()]))
            ends.append(None)
        except MigrationError as error:
            ends.append(error)

    threads = [
        threading.Thread(target=go, args=(run, line))
        for run, line in zip(runs, (b"a\n", b"b\n"), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert None in ends
    assert all(isinstance(each, Passing) for each in ends if each)
    for run in set(runs):
        _, found = world.partition().newest("extracted", run)
        try:
            assert read(world.partition(), found) in (b"a\n" * 50, b"b\n" * 50)
        except StagingRefused:
            # two processes under one name in a folder: what is left is refused, not loaded
            assert runs[0] == runs[1]


def test_a_reading_that_is_not_ended_leaves_nothing_open(world: World) -> None:
    stage(world.partition(), lines=[b"x" * 100 + b"\n"] * 20_000)
    _, found = world.partition().newest("extracted", "run-1")

    def first() -> Iterator[bytes]:
        yield next(iter(world.partition().read(found, 1000)))

    for _ in range(40):  # more than a pool has connections
        assert list(first())
