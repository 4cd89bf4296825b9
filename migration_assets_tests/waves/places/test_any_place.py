"""What holds of every place of wave files: a folder, and a prefix of a bucket (moto, over HTTP)."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from migration_assets.errors import Passing
from migration_assets.waves.places import Place, place_of
from migration_assets_tests.s3 import KEYS, Bucket


@dataclass(frozen=True)
class Somewhere:
    """A place, and a hand that lays files there, or takes them away, without asking it."""

    place: Place
    lay: Callable[[str, bytes], object]
    take: Callable[[str], object]

    def names(self) -> list[str]:
        return [document.name for document in self.place.documents()]

    def text(self, name: str) -> bytes:
        (found,) = [document.text for document in self.place.documents() if document.name == name]
        return found


@pytest.fixture(params=["folder", "s3"])
def somewhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Somewhere]:
    if request.param == "folder":
        folder = tmp_path / "waves"
        made = place_of({"MIGRATION_WAVES": str(folder)})
        yield Somewhere(
            made,
            lambda name, text: (os.makedirs(folder, exist_ok=True), (folder / name).write_bytes(text)),
            lambda name: (folder / name).unlink(),
        )
        return
    bucket: Bucket = request.getfixturevalue("bucket")
    client = bucket.client
    leading = {"MIGRATION_WAVES": f"s3://{bucket.name}/waves"}
    yield Somewhere(
        place_of({**KEYS, **leading, "MIGRATION_WAVES_ENDPOINT_URL": bucket.endpoint}),
        lambda name, text: client.put_object(Bucket=bucket.name, Key=f"waves/{name}", Body=text),
        lambda name: client.delete_object(Bucket=bucket.name, Key=f"waves/{name}"),
    )


def test_a_place_without_files_has_no_waves(somewhere: Somewhere) -> None:
    assert somewhere.names() == []


def test_wave_files_come_in_the_order_of_their_names_and_others_are_left_alone(somewhere: Somewhere) -> None:
    for name in ("b.yaml", "a.yaml", "c.yml", ".hidden.yaml", "notes.txt"):
        somewhere.lay(name, b"name: x")
    assert somewhere.names() == ["a.yaml", "b.yaml", "c.yml"]


def test_a_file_is_put_only_where_it_is_what_was_expected(somewhere: Somewhere) -> None:
    place = somewhere.place
    place.put("a.yaml", b"one", None)
    with pytest.raises(Passing):
        place.put("a.yaml", b"two", None)
    (document,) = place.documents()
    assert document.text == b"one"
    assert document.origin.endswith("/waves/a.yaml")
    place.put("a.yaml", b"two", document.token)
    with pytest.raises(Passing):
        place.put("a.yaml", b"three", document.token)
    assert somewhere.text("a.yaml") == b"two"


def test_a_file_that_was_changed_or_taken_away_meanwhile_is_left_as_it_is(somewhere: Somewhere) -> None:
    place = somewhere.place
    place.put("a.yaml", b"one", None)
    (document,) = place.documents()
    somewhere.lay("a.yaml", b"by hand")
    with pytest.raises(Passing):
        place.put("a.yaml", b"two", document.token)
    assert somewhere.text("a.yaml") == b"by hand"

    (document,) = place.documents()
    somewhere.take("a.yaml")
    with pytest.raises(Passing):
        place.put("a.yaml", b"two", document.token)
    assert somewhere.names() == []
