"""What the contest of buckets copies, and how it is told; the servers and contenders are real programs."""

import hashlib
from pathlib import Path

import pytest

from benchmark.buckets.contenders import OURS, absent, contenders
from benchmark.buckets.objects import SETS, Objects, emptied, judged, made, scaled
from benchmark.buckets.results import About, Result, read, section, table, write
from benchmark.buckets.servers import SOURCE, TARGET, Pair, Store
from benchmark.readme import with_buckets

PUBLISHED = Path(__file__).resolve().parent.parent.parent / "benchmark" / "buckets.json"


def test_a_smaller_scale_means_fewer_objects_or_smaller_ones() -> None:
    assert scaled(SETS["A"], 0.01) == Objects("A", 100, 10_000)
    assert scaled(SETS["C"], 0.01) == Objects("C", 2, 10_000_000)


def test_no_two_objects_are_alike_and_each_is_the_same_again() -> None:
    few = Objects("A", 20, 1_000)
    bodies = [b"".join(few.body(at)) for at in range(few.number)]
    assert len(set(bodies)) == 20
    assert {len(body) for body in bodies} == {1_000}
    assert bodies == [b"".join(few.body(at)) for at in range(few.number)]
    assert len(set(few.keys())) == 20


def test_what_did_not_arrive_as_it_was_is_found(s3_server: str) -> None:
    store, few = Store(s3_server), Objects("A", 6, 1_000)
    emptied(store, TARGET)
    written = made(store, few)
    client = store.client()
    for key in written:
        client.copy_object(Bucket=TARGET, Key=key, CopySource={"Bucket": SOURCE, "Key": key})
    assert judged(store, written) == ""

    one, two, *_ = written
    client.put_object(Bucket=TARGET, Key=one, Body=b"other")
    client.delete_object(Bucket=TARGET, Key=two)
    client.put_object(Bucket=TARGET, Key="nobody's", Body=b"")

    assert judged(store, written) == "1 missing, 1 too many, 1 changed"
    assert written[one] == hashlib.sha256(b"".join(few.body(0))).hexdigest()
    emptied(store, TARGET)
    emptied(store, SOURCE)


def test_who_is_not_here_is_named_and_all_others_have_a_command(tmp_path: Path) -> None:
    pair = Pair("nothing", Store("http://127.0.0.1:1"), Store("http://127.0.0.1:2"))
    names = [each.name for each in contenders(pair, tmp_path, tmp_path / "peers")]
    assert names[0] == OURS
    assert "boto3" in names
    assert {"s5cmd", "AWS CLI"} <= set(absent(tmp_path / "peers"))


def test_a_line_has_the_median_its_ratio_and_what_was_found() -> None:
    ours = Result("B", 10, 50_000_000, OURS, "radosgw", [2.0, 1.0, 4.0], [1.0], [80.0], [0])
    peer = Result(
        "B", 10, 50_000_000, "rclone, tuned", "radosgw", [3.0], [1.0], [90.0], [0], finding="1 missing"
    )
    first, second = table([ours, peer]).splitlines()
    assert "2.00 s" in first
    assert "1.50x" in first
    assert first.endswith("all")
    assert second.endswith("1 missing")


def test_the_page_says_what_the_results_say(tmp_path: Path) -> None:
    about = About("2020-01-01T00:00:00Z", "make bench-buckets", "a desk", 1.0, 3)
    ours = Result("B", 10, 50_000_000, OURS, "radosgw", [2.0, 1.0, 4.0], [1.0], [80.0], [0])
    slow = Result("B", 10, 50_000_000, "rclone, tuned", "radosgw", [3.0], [1.0], [90.0], [0, 1])
    write(tmp_path / "buckets.json", about, [ours, slow])
    lines = section(*read(tmp_path / "buckets.json")).splitlines()

    assert lines[0].startswith("Measured on 2020-01-01 by `make bench-buckets` (a desk; radosgw)")
    assert lines[-2] == "| B | migration-assets | 2.00 | 5 | 25 | 1.50 | 1.0 | 80 | all |"
    assert lines[-1].endswith("| 1.00 | 1.0 | 90 | exit codes [0, 1] |")


@pytest.mark.skipif(not PUBLISHED.exists(), reason="no results are in the repository yet")
def test_the_page_of_the_repository_says_what_its_results_say() -> None:
    page = (PUBLISHED.parent / "README.md").read_text(encoding="utf-8")
    assert with_buckets(page, PUBLISHED) == page
