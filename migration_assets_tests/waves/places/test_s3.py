"""A prefix of a bucket (moto, over HTTP) as a place of wave files: what only S3 does."""

from typing import Any

import pytest

from migration_assets.contracts.yaml_text import SIZE_LIMIT
from migration_assets.errors import ConnectionRefused, Passing, WaveRefused
from migration_assets.waves.document import parsed
from migration_assets.waves.places import place_of
from migration_assets.waves.places.s3 import S3Prefix
from migration_assets_tests.s3 import KEYS, Bucket, s3_proxy


def place(bucket: Bucket, prefix: str = "/waves", endpoint: str = "", **more: str) -> S3Prefix:
    said = {
        **KEYS,
        **more,
        "MIGRATION_WAVES": f"s3://{bucket.name}{prefix}",
        "MIGRATION_WAVES_ENDPOINT_URL": endpoint or bucket.endpoint,
    }
    made = place_of(said)
    assert isinstance(made, S3Prefix)
    return made


def names(place: S3Prefix) -> list[str]:
    return [document.name for document in place.documents()]


def lay(bucket: Bucket, **objects: bytes) -> None:
    for key, text in objects.items():
        bucket.client.put_object(Bucket=bucket.name, Key=key, Body=text)


def test_all_wave_files_below_the_prefix_are_found_and_nothing_else(bucket: Bucket) -> None:
    for key in (
        *("waves/b.yaml", "waves/a.yaml", "waves/deep/er.yaml", "waves/d.yml"),
        *("waves/.hidden.yaml", "waves/.git/e.yaml", "waves/notes.txt", "waves/", "waves2/f.yaml", "g.yaml"),
    ):
        lay(bucket, **{key: b"name: x"})

    assert names(place(bucket)) == ["a.yaml", "b.yaml", "d.yml", "deep/er.yaml"]
    assert {document.origin for document in place(bucket).documents()} >= {
        f"s3://{bucket.name}/waves/deep/er.yaml"
    }


def test_a_whole_bucket_may_be_the_place(bucket: Bucket) -> None:
    place(bucket, "").put("a.yaml", b"one", None)

    assert bucket.objects() == ["a.yaml"]
    assert names(place(bucket, "")) == ["a.yaml"]


def test_wave_files_behind_the_first_page_are_found(bucket: Bucket) -> None:
    from moto.s3.models import s3_backends

    lay(bucket, **{"waves/a.yaml": b"name: x", "waves/z.yaml": b"name: x"})
    for number in range(2_000):
        s3_backends["123456789012"]["aws"].put_object(bucket.name, f"waves/m{number}.txt", b"")

    assert names(place(bucket)) == ["a.yaml", "z.yaml"]

    for number in range(2_000):
        s3_backends["123456789012"]["aws"].delete_object(bucket.name, f"waves/m{number}.txt")


def test_a_file_is_read_again_only_when_it_changed(bucket: Bucket) -> None:
    with s3_proxy(bucket.endpoint) as proxy:
        waves = place(bucket, endpoint=proxy.endpoint)
        lay(bucket, **{"waves/a.yaml": b"one", "waves/b.yaml": b"one"})
        assert [document.text for document in waves.documents()] == [b"one", b"one"]
        proxy.asked.clear()
        lay(bucket, **{"waves/b.yaml": b"two"})

        assert [document.text for document in waves.documents()] == [b"one", b"two"]

        assert len([asked for asked in proxy.asked if ".yaml" in asked]) == 1


@pytest.mark.parametrize("size", [0, SIZE_LIMIT + 1, SIZE_LIMIT + 1_000])
def test_an_empty_file_and_one_that_is_too_large_are_refused_by_whoever_parses_them(
    bucket: Bucket, size: int
) -> None:
    lay(bucket, **{"waves/a.yaml": b"#" * size})

    (document,) = place(bucket).documents()

    assert len(document.text) <= SIZE_LIMIT + 1
    with pytest.raises(WaveRefused):
        parsed(document.text, document.origin)


def test_an_answer_that_is_lost_after_a_file_was_put_leaves_one_whole_file(bucket: Bucket) -> None:
    with s3_proxy(bucket.endpoint) as proxy:
        waves = place(bucket, endpoint=proxy.endpoint)
        proxy.fault("lost", "PUT")
        # the client asks again, and finds its own file
        with pytest.raises(Passing):
            waves.put("a.yaml", b"one", None)

    (document,) = place(bucket).documents()
    assert document.text == b"one"


@pytest.mark.parametrize(("action", "error"), [("403", ConnectionRefused), ("503", Passing)])
def test_what_s3_refuses_is_told_without_its_own_words(bucket: Bucket, action: str, error: Any) -> None:
    lay(bucket, **{"waves/a.yaml": b"one"})
    with s3_proxy(bucket.endpoint) as proxy:
        proxy.fault(action, "GET", times=100)
        with pytest.raises(error) as refused:
            list(place(bucket, endpoint=proxy.endpoint, AWS_MAX_ATTEMPTS="1").documents())

    assert f"s3://{bucket.name}/waves" in str(refused.value)
    assert "secret" not in str(refused.value)


def test_a_bucket_that_is_not_there_is_named(bucket: Bucket) -> None:
    gone = Bucket("not-there", bucket.endpoint)
    with pytest.raises(ConnectionRefused, match="no such bucket"):
        list(place(gone).documents())
    with pytest.raises(ConnectionRefused, match="no such bucket"):
        place(gone).put("a.yaml", b"one", None)


@pytest.mark.parametrize("url", ["s3://", "s3://UPPER/waves", "s3://bucket/../waves"])
def test_what_names_no_place_is_refused_before_anything_is_asked(url: str) -> None:
    with pytest.raises(ConnectionRefused, match="MIGRATION_WAVES names no place"):
        place_of({"MIGRATION_WAVES": url})
