"""Keys that sign, and keys that are believed."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from migration_assets.certificate.keys import PRIVATE, PUBLIC, PublicKey, believe, believed, signing_key
from migration_assets.errors import CertificateRefused
from migration_assets_tests.certificate.example import KEY, certificate, checked

#: RFC 8037, appendix A
RFC_X = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
RFC_ID = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def pem_of_private() -> bytes:
    none = serialization.NoEncryption()
    return KEY.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, none)


def test_a_key_goes_by_its_thumbprint() -> None:
    assert PublicKey.of_jwk(RFC_X).id == RFC_ID


def test_the_first_use_makes_a_key_that_nobody_else_may_read_and_the_next_takes_it(tmp_path: Path) -> None:
    first = signing_key({}, tmp_path / "new")
    assert signing_key({}, tmp_path / "new").public.id == first.public.id
    (file,) = (tmp_path / "new").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    file.chmod(0o644)
    with pytest.raises(CertificateRefused, match="may be read by others"):
        signing_key({}, tmp_path / "new")


def test_a_key_is_given_as_text_or_as_a_file(tmp_path: Path) -> None:
    pem = pem_of_private().decode()
    (tmp_path / "mine.pem").touch(0o600)
    (tmp_path / "mine.pem").write_text(pem)
    for given in (pem, pem.replace("\n", "\\n"), str(tmp_path / "mine.pem")):
        assert signing_key({PRIVATE: given}, tmp_path).public.id == KEY.public.id
    assert not (tmp_path / "signing-key.pem").exists()


@pytest.mark.parametrize("pem", ["", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_what_is_no_key_is_refused_without_showing_it(tmp_path: Path, pem: str) -> None:
    file = tmp_path / "key.pem"
    file.touch(0o600)
    file.write_text(pem)
    with pytest.raises(CertificateRefused) as refused:
        signing_key({PRIVATE: str(file)}, tmp_path)
    assert "AAAA" not in str(refused.value)
    with pytest.raises(CertificateRefused):
        believed({}, tmp_path, file)
    with pytest.raises(CertificateRefused):
        believed({}, tmp_path, tmp_path / "nowhere.pem")


def test_another_kind_of_key_is_refused(tmp_path: Path) -> None:
    key = rsa.generate_private_key(65537, 2048).public_key()
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    (tmp_path / "rsa.pem").write_bytes(key.public_bytes(serialization.Encoding.PEM, spki))
    with pytest.raises(CertificateRefused, match="no public Ed25519 key"):
        believed({}, tmp_path, tmp_path / "rsa.pem")


def test_a_rotated_key_stays_believed_until_it_is_taken_away(tmp_path: Path) -> None:
    old = signing_key({}, tmp_path)
    file = believe(old.public, tmp_path / "believed-keys")
    raw = certificate(old)
    (tmp_path / "signing-key.pem").unlink()
    new = signing_key({}, tmp_path)
    believe(new.public, tmp_path / "believed-keys")
    assert new.public.id != old.public.id
    assert checked(raw, believed({}, tmp_path / "believed-keys", None)).sound
    assert not checked(
        raw, believed({}, tmp_path / "believed-keys", tmp_path / "believed-keys" / f"{new.public.id}.pem")
    ).sound
    assert not checked(
        raw, believed({PUBLIC: new.public.pem.decode()}, tmp_path / "believed-keys", None)
    ).sound
    assert checked(raw, believed({PUBLIC: str(file)}, tmp_path, None)).sound
    file.unlink()
    found = checked(raw, believed({}, tmp_path / "believed-keys", None))
    assert (found.sound, found.damages, found.key) == (False, (), old.public.id)
