import gzip
import io
import zipfile

import pytest

from migration_assets.buckets.formats import fault_of


def archive() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as opened:
        opened.writestr("a", "b" * 100)
    return made.getvalue()


@pytest.mark.parametrize(
    ("key", "body", "content_type", "encoding", "fault"),
    [
        ("a.zip", archive(), "", "", ""),
        ("a.zip", archive()[:-30], "", "", "the archive does not open"),
        ("a.ZIP", b"no", "", "", "its name says zip, and its first bytes do not"),
        ("a", b"no", "image/png; x=y", "", "its content type says png, and its first bytes do not"),
        ("a.gz", gzip.compress(b"a"), "", "", ""),
        ("a.gz", gzip.compress(b"a" * 1000)[:-9], "", "", "the archive does not open"),
        ("a.png", gzip.compress(b"a"), "image/png", "gzip", ""),
        ("a.txt", b"anything", "text/plain", "", ""),
        ("a.zip", b"", "", "", ""),
    ],
)
def test_names_types_and_first_bytes_agree_or_it_is_said(
    key: str, body: bytes, content_type: str, encoding: str, fault: str
) -> None:
    headers = {"content-type": content_type, "content-encoding": encoding}

    assert fault_of(key, headers, body, whole=True) == fault


def test_of_a_part_only_its_beginning_is_judged() -> None:
    assert fault_of("a.zip", {}, archive()[:-30], whole=False) == ""
