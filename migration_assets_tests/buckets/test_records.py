import time
from pathlib import Path

import pytest

from migration_assets.buckets import recording as recording_module
from migration_assets.buckets.model import Attributes, Decision, Found, Moved, There, Undone
from migration_assets.buckets.recording import recorder
from migration_assets.buckets.records import Records
from migration_assets.errors import StagingRefused
from migration_assets.staging.root import staging_of


@pytest.fixture
def kept(tmp_path: Path) -> Records:
    return Records(staging_of({"MIGRATION_STAGING": str(tmp_path)}).partition("files", "all"))


def moved(key: str) -> Moved:
    found = Found(key, 1, "e", "2026-01-01T00:00:00Z")
    attributes = Attributes({"content-type": "a/b"}, {"k": "v\n"}, (("T", "t"), ("T2", "")), parts=(1, 2))
    decision = Decision(found, "copy", "", key, There(key, 2), attributes, "raw", {"name": "n"})
    return Moved(decision, "moved", "", 1, There(key, 1, "e", "v", {"md5": "m"}), "s", "etag", "k", ("lost",))


def test_what_is_written_is_read_back_as_it_was(kept: Records) -> None:
    things = [moved("a\nb"), moved("\u2028"), moved("\udcff")]
    with recorder(kept, 1, "run") as recording:
        for each in things:
            recording.add(each)

    assert [each.moved for each in kept.standing()] == things[::-1]


def test_what_waits_is_written_after_a_second(kept: Records) -> None:
    with recorder(kept, 1, "run") as recording:
        recording.add(moved("a"))
        deadline = time.monotonic() + 20
        while not list(kept.standing()):
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_what_waits_is_written_when_an_error_ends_the_work(kept: Records) -> None:
    def work() -> None:
        with recorder(kept, 1, "run") as recording:
            recording.add(moved("a"))
            raise KeyError

    with pytest.raises(KeyError):
        work()

    assert [each.moved.decision.target for each in kept.standing()] == ["a"]


def test_many_objects_are_written_by_the_five_hundred(kept: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording_module, "LONGEST", 1000.0)
    with recorder(kept, 1, "run") as recording:
        for at in range(1001):
            recording.add(moved(str(at)))
        assert len(kept.segments("moved")) == 2

    assert len(list(kept.standing())) == 1001


def test_what_was_taken_back_stands_no_more(kept: Records) -> None:
    with recorder(kept, 1, "run") as recording:
        for key in ("a", "b", "c"):
            recording.add(moved(key))
    _, b, a = kept.standing()
    kept.undo(
        kept.next(2, "back", "undone"),
        [(a.place, Undone(a.moved, "removed")), (b.place, Undone(b.moved, "left", "changed"))],
    )

    assert [each.moved.decision.target for each in kept.standing()] == ["c", "b"]


def test_the_newest_comes_first_among_runs_and_within_one_file(
    kept: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = iter(range(100))
    monkeypatch.setattr(time, "time", lambda: next(moments))
    for generation, run, keys in ((1, "b", "0123456789abc"), (1, "a", "de"), (1, "b", "f"), (2, "a", "g")):
        with recorder(kept, generation, run) as recording:
            for key in keys:
                recording.add(moved(key))

    assert "".join(each.moved.decision.target for each in kept.standing()) == "gfedcba9876543210"
    assert [each.moved.decision.target for each in kept.standing(2)] == ["g"]


def test_a_damaged_record_is_refused(kept: Records, tmp_path: Path) -> None:
    with recorder(kept, 1, "run") as recording:
        recording.add(moved("a"))
    (file,) = tmp_path.rglob("*.moved")
    file.write_bytes(file.read_bytes().replace(b'"size":1', b'"size":2'))

    with pytest.raises(StagingRefused, match="damaged"):
        list(kept.standing())


def test_pruning_leaves_records_alone(kept: Records) -> None:
    kept.begin(1, "run", "set")
    kept.end(1, "run", "loaded", {"moved": 1})

    kept.partition.prune((), 9)

    assert [(each.generation, each.state) for each in kept.generations()] == [(1, "loaded")]
    assert kept.next_generation() == 2
