from dataclasses import dataclass, field
from typing import Any

import pytest

from migration_assets.buckets.s3.listing import before, listed
from migration_assets.buckets.s3.store import Refused
from migration_assets_tests.buckets.s3.pair import Pair


@dataclass
class _Answer:
    text: bytes

    def read(self) -> bytes:
        return self.text


@dataclass
class _Store:
    """Gives pages, one after another."""

    pages: list[str]
    asked: list[dict[str, str]] = field(default_factory=list)
    shown: str = "s3://b"

    def ask(self, method: str, query: Any, headers: Any) -> _Answer:
        self.asked.append(dict(query))
        return _Answer(self.pages.pop(0).encode())


def _entry(tag: str, key: str, version: str, at: int, latest: bool = False) -> str:
    return (
        f"<{tag}><Key>{key}</Key><VersionId>{version}</VersionId><IsLatest>{str(latest).lower()}</IsLatest>"
        f"<LastModified>2024-01-0{at}T00:00:00.000Z</LastModified><Size>1</Size><ETag>&quot;e&quot;</ETag></{tag}>"
    )


def test_a_store_that_turns_its_pages_in_a_circle_is_not_followed_for_ever() -> None:
    more = "<IsTruncated>true</IsTruncated>"
    for versions, following in (
        (False, "<NextContinuationToken>a</NextContinuationToken>"),
        (True, "<NextKeyMarker>a</NextKeyMarker><NextVersionIdMarker>1</NextVersionIdMarker>"),
    ):
        store: Any = _Store([f"<L>{more}{following}</L>"] * 3)
        with pytest.raises(Refused, match="the same page"):
            list(listed(store, "", None, None, versions=versions))


def test_archived_objects_tell_whether_they_can_be_read_for_a_while() -> None:
    said = [
        "<RestoreStatus><IsRestoreInProgress>true</IsRestoreInProgress></RestoreStatus>",
        "<RestoreStatus><IsRestoreInProgress>false</IsRestoreInProgress>"
        "<RestoreExpiryDate>2031-01-01T00:00:00.000Z</RestoreExpiryDate></RestoreStatus>",
        "",
    ]
    entries = "".join(
        f"<Contents><Key>{number}</Key><StorageClass>GLACIER</StorageClass>{each}</Contents>"
        for number, each in enumerate(said)
    )
    store: Any = _Store([f"<L>{entries}</L>"])
    assert [each.restored for each in listed(store, "", None, None)] == [False, True, False]


def test_versions_come_oldest_first_across_pages_whichever_way_the_store_orders_them() -> None:
    interleaved = [
        '<L xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsTruncated>true</IsTruncated>'
        "<NextKeyMarker>b</NextKeyMarker><NextVersionIdMarker>3</NextVersionIdMarker>"
        + _entry("Version", "a", "1", 1, True)
        + _entry("DeleteMarker", "b", "4", 4, True)
        + _entry("Version", "b", "3", 3)
        + "</L>",
        "<L><IsTruncated>false</IsTruncated>" + _entry("Version", "b", "2", 2) + "</L>",
    ]
    grouped = [
        "<L><IsTruncated>false</IsTruncated>"
        + _entry("Version", "a", "1", 1, True)
        + _entry("Version", "b", "3", 3)
        + _entry("Version", "b", "2", 2)
        + _entry("DeleteMarker", "b", "4", 4, True)
        + "</L>"
    ]
    for pages in (interleaved, grouped):
        store: Any = _Store(pages)
        found = list(listed(store, "", None, None, versions=True))
        assert [(each.key, each.version, each.marker) for each in found] == [
            ("a", "1", False),
            ("b", "2", False),
            ("b", "3", False),
            ("b", "4", True),
        ]


def test_keys_that_a_store_does_not_encode_are_taken_as_they_are() -> None:
    page = (
        "<L><IsTruncated>false</IsTruncated><Contents><Key>a+b%20&#x7;\x1f</Key><Size>1</Size></Contents></L>"
    )
    store: Any = _Store([page])
    assert [each.key for each in listed(store, "", None, None)] == ["a+b%20\x07\x1f"]


@pytest.mark.parametrize("key", ["a", "a\x00", "\x01", "é", "\ue000", "a/", "k" * 1024])
def test_the_text_before_a_key_is_before_it_in_the_order_of_bytes(key: str) -> None:
    assert before(key).encode() < key.encode()
    assert len(before(key).encode()) <= 1024


def test_a_range_has_its_lower_bound_and_not_its_upper_one(pair: Pair) -> None:
    keys = ["a", "a/b", "a0", "b", "c", "cé", "ce\u0301"]
    for key in keys:
        pair.put(key, b"1")
    source = pair.source()
    ordered = sorted(keys)
    assert [each.key for each in source.listed()] == ordered
    for place, lower in enumerate(ordered):
        for upper in ordered[place:]:
            expected = [key for key in ordered if lower <= key < upper]
            assert [each.key for each in source.listed(lower, upper)] == expected
