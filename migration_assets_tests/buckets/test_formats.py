import bz2
import gzip
import io
import lzma
import random
import tarfile
import zipfile
from collections.abc import Callable

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


def zipped(body: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("a", body)
    return made.getvalue()


def test_an_archive_with_a_damaged_file_in_it_does_not_open() -> None:
    whole = zipped(b"x" * 1000)
    damaged = whole.replace(b"x" * 1000, b"x" * 999 + b"y")

    assert fault_of("a.zip", {}, whole, whole=True) == ""
    assert fault_of("a.zip", {}, damaged, whole=True) == "the archive does not open"


@pytest.mark.parametrize(("ending", "packed"), [("bz2", bz2.compress), ("gz", gzip.compress)])
def test_what_is_packed_is_unpacked_to_its_end(ending: str, packed: Callable[[bytes], bytes]) -> None:
    whole = packed(random.Random(1).randbytes(5000))

    assert fault_of(f"a.{ending}", {}, whole, whole=True) == ""
    assert fault_of(f"a.{ending}", {}, whole[:-5], whole=True) == "the archive does not open"


def test_no_damage_of_an_archive_is_more_than_a_finding() -> None:
    seed = random.randrange(1 << 31)
    print("seed", seed)
    chance = random.Random(seed)
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a"), io.BytesIO(b""))
    whole = {"zip": zipped(b"x" * 300), "tar": tar.getvalue(), "xz": lzma.compress(b"x"), "bz2": bz2.compress(b"x"),
             "tgz": gzip.compress(b"x" * 300)}  # fmt: skip
    for _ in range(2000):
        ending = chance.choice(list(whole))
        damaged = bytearray(whole[ending])
        for _ in range(chance.randint(1, 4)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        fault_of(f"a.{ending}", {}, bytes(damaged), whole=True)
