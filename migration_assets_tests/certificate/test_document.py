"""The file of a certificate, and where it is kept."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from migration_assets.certificate.document import CERTIFICATES, Folder, folder_of
from migration_assets.certificate.reading import previous_beside
from migration_assets.errors import CertificateRefused
from migration_assets_tests.certificate.example import KEY, certificate, checked


def test_certificates_are_numbered_by_subject_and_never_written_over(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "certificates")
    assert folder.newest("first") == (0, None)
    first = folder.keep("first", 1, b"one")
    folder.keep("first", 10, b"ten")
    folder.keep("first-0011", 1, b"another subject")
    folder.keep("Erste Welle/a", 1, b"a name that is no file's")
    assert folder.newest("first")[0] == 10
    assert folder.newest("Erste Welle/a")[0] == 1
    assert folder.keep("first", 1, b"two") is None
    assert first
    assert first.read_bytes() == b"one"
    assert not [file for file in folder.path.iterdir() if file.name.startswith(".")]


def test_certificates_are_kept_in_a_folder_that_is_said(tmp_path: Path) -> None:
    assert folder_of({}, tmp_path).path == tmp_path / "certificates"
    assert folder_of({CERTIFICATES: str(tmp_path / "kept")}, tmp_path).path == tmp_path / "kept"
    with pytest.raises(CertificateRefused, match="is no folder"):
        folder_of({CERTIFICATES: "s3://bucket/certificates"}, tmp_path)


def test_a_certificate_says_whether_the_one_before_it_is_the_one_it_names(tmp_path: Path) -> None:
    before = certificate()
    found = checked(before).certificate
    assert found
    assert previous_beside(found, tmp_path / "2") == ""
    named = {"file": "1", "id": found.id, "sha256": found.sha256}
    after = checked(certificate(number=2, previous_certificate=named)).certificate
    assert after
    assert previous_beside(after, tmp_path / "2") == ""
    (tmp_path / "1").write_bytes(before)
    assert previous_beside(after, tmp_path / "2") == ""
    (tmp_path / "1").write_bytes(before + b" ")
    assert "1 beside it" in previous_beside(after, tmp_path / "2")


def has_openssl() -> bool:
    if not sys.platform.startswith("linux") or shutil.which("openssl") is None:
        return False
    said = subprocess.run(["openssl", "version"], capture_output=True, text=True).stdout
    return said.startswith("OpenSSL ") and not said.startswith("OpenSSL 1")


def recipe(language: str) -> str:
    """The piece of code of that language on the page about certificates."""
    page = Path(__file__).resolve().parents[2] / "docs" / "certificate.md"
    (code,) = re.findall(rf"^```{language}\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    return code.replace("FILE", "first.jsonl")


@pytest.mark.parametrize(
    ("language", "command"),
    [("sh", ["sh", "-e", "recipe"]), ("python", [sys.executable, "recipe", "first.jsonl", "key.pem"])],
)
def test_the_page_says_how_to_check_one_without_this_project(
    tmp_path: Path, language: str, command: list[str]
) -> None:
    if language == "sh" and not has_openssl():
        pytest.skip("openssl 3 and GNU's coreutils are not there")
    (tmp_path / "recipe").write_text(recipe(language))
    (tmp_path / "key.pem").write_bytes(KEY.public.pem)
    for raw, code in ((certificate(), 0), (certificate().replace(b'"read":3', b'"read":4'), 1)):
        (tmp_path / "first.jsonl").write_bytes(raw)
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == code, done.stdout + done.stderr
