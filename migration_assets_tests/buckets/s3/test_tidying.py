"""Uploads that dead runs left."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from migration_assets.buckets.s3.store import Refused
from migration_assets.buckets.s3.tidying import tidied

RESERVED = "p/.migration-assets/"


@dataclass
class _Answer:
    text: bytes = b""

    def read(self) -> bytes:
        return self.text


@dataclass
class _Store:
    page: str
    shown: str = "s3://b"
    ended: list[str] = field(default_factory=list[str])

    def ask(self, method: str, key: str = "", query: Any = ()) -> _Answer:
        if method == "DELETE":
            self.ended.append(key)
            return _Answer()
        return _Answer(self.page.encode())


def _upload(key: str, begun: datetime, initiator: str = "us") -> str:
    return (
        f"<Upload><Key>{key}</Key><UploadId>1</UploadId><Initiated>{begun.isoformat()}</Initiated>"
        f"<Initiator><ID>{initiator}</ID></Initiator></Upload>"
    )


def test_uploads_of_the_range_and_of_this_account_are_ended_and_of_others_at_work_they_are_not() -> None:
    now = datetime.now(UTC)
    old = now - timedelta(hours=2)
    uploads = [
        _upload("p/a", now),
        _upload("p/z", now),
        _upload("p/b", now, "them"),
        _upload(f"{RESERVED}kept/young", now),
        _upload(f"{RESERVED}kept/old", old),
    ]
    store: Any = _Store(f"<L>{''.join(uploads)}</L>")
    assert tidied(store, "p/", None, "p/m", "us", RESERVED) == 2
    assert store.ended == ["p/a", f"{RESERVED}kept/old"]


def test_a_listing_that_turns_in_a_circle_ends() -> None:
    store: Any = _Store("<L><IsTruncated>true</IsTruncated><NextKeyMarker>a</NextKeyMarker></L>")
    with pytest.raises(Refused, match="the same page"):
        tidied(store, "", None, None, "")
