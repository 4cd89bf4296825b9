"""The stand-in is what the official client and command line take it for, and they find what was migrated."""

import json
from pathlib import Path
from typing import Any

import pytest

from migration_assets_tests.buckets.cloudsmith.conftest import Side
from migration_assets_tests.buckets.cloudsmith.official import program, run
from migration_assets_tests.buckets.cloudsmith.standin import StandIn
from migration_assets_tests.buckets.cloudsmith.test_formats import OF_ALL_KINDS, decided


@pytest.fixture
def official(standin: StandIn) -> Any:
    """The official client as it comes."""
    import cloudsmith_api

    configuration = cloudsmith_api.Configuration()
    configuration.host = standin.endpoint
    configuration.api_key = {"X-Api-Key": standin.api_key}
    return cloudsmith_api.ApiClient(configuration)


def test_the_command_line_lists_and_downloads_what_was_migrated(side: Side, tmp_path: Path) -> None:
    program()
    bodies = {"team/a/report.csv": b"a,b\n1,2\n", "team/b/größe.bin": bytes(range(256)) * 99}
    side.put(bodies)
    assert {each.state for each in side.move()} == {"moved"}

    said = json.loads(run(side.standin, tmp_path, "list", "packages", "shop/releases", "-F", "json"))

    assert {each["filepath"] for each in said["data"]} == set(bodies)
    for key, body in bodies.items():
        name = key.rpartition("/")[2]
        run(
            side.standin,
            tmp_path,
            "download",
            "shop/releases",
            name,
            "--outfile",
            str(tmp_path / "out"),
            "--overwrite",
        )
        assert (tmp_path / "out").read_bytes() == body


@pytest.mark.slow
def test_the_command_line_downloads_packages_of_every_kind_byte_for_byte(side: Side, tmp_path: Path) -> None:
    program()
    side.put(OF_ALL_KINDS)
    moved = side.move(decided(side))
    assert {each.reason for each in moved} == {""}
    packages = list(side.standin.world.packages.values())

    for stored in packages:
        out = tmp_path / stored.slug_perm
        # a wheel and an sdist have one name and version
        file = ("--filename", stored.filename) if stored.format == "python" else ()
        run(
            side.standin, tmp_path, "download", "shop/releases", stored.name, "--format", stored.format,
            "--version", stored.version, "--outfile", str(out), "--yes", *file,
        )  # fmt: skip
        assert out.read_bytes() == stored.file.read_bytes(), stored

    assert len(packages) == len(OF_ALL_KINDS) - 1


def test_the_command_line_pushes_into_the_stand_in_with_seven_calls(side: Side, tmp_path: Path) -> None:
    file = tmp_path / "file.bin"
    file.write_bytes(b"12345")
    program()

    run(side.standin, tmp_path, "push", "generic", "shop/releases", str(file), "--filepath", "x/file.bin")

    assert list(side.there()) == ["x/file.bin"]
    # validate twice, ask, make, and look at least once
    assert len([call for call in side.standin.asked if "page=" not in call]) >= 5


def test_the_official_client_reads_every_resource_into_its_models(side: Side, official: Any) -> None:
    import cloudsmith_api

    side.put({"one": b"1"})
    side.move()
    here = ("shop", "releases")

    (package,) = cloudsmith_api.PackagesApi(official).packages_list(*here)
    read = cloudsmith_api.PackagesApi(official).packages_read(*here, package.slug)
    status = cloudsmith_api.PackagesApi(official).packages_status(*here, package.slug_perm)
    cloudsmith_api.PackagesApi(official).packages_delete(*here, package.slug_perm)
    (binned,) = cloudsmith_api.RecycleBinApi(official).recycle_bin_list("shop")

    assert (package.filepath, read.checksum_sha256, status.is_sync_completed) == (
        "one",
        package.checksum_sha256,
        True,
    )
    assert package.uploaded_at.tzinfo is not None
    assert binned.slug_perm == package.slug_perm
    assert cloudsmith_api.UserApi(official).user_self().slug == "tester"
    assert cloudsmith_api.RatesApi(official).rates_limits_list().resources["core"].limit == 10_800
    assert cloudsmith_api.StatusApi(official).status_check_basic().version
    assert cloudsmith_api.QuotaApi(official).quota_read("shop").usage.raw.storage.used == 0
    assert {each.slug for each in cloudsmith_api.ReposApi(official).repos_namespace_list("shop")} == {
        "releases"
    }
    assert (
        len(cloudsmith_api.EntitlementsApi(official).entitlements_list(*here, show_tokens=True)[0].token)
        == 16
    )
    assert {each.slug for each in cloudsmith_api.DistrosApi(official).distros_list()} >= {"ubuntu"}


def test_the_official_client_is_refused_what_the_real_one_refuses(standin: StandIn, official: Any) -> None:
    import cloudsmith_api
    from cloudsmith_api.rest import ApiException

    official.client_side_validation = official.configuration.client_side_validation = False
    files, packages = cloudsmith_api.FilesApi(official), cloudsmith_api.PackagesApi(official)

    def refused(call: Any, *said: Any, **named: Any) -> tuple[int, dict[str, Any]]:
        with pytest.raises(ApiException) as found:
            call(*said, **named)
        return found.value.status, json.loads(found.value.body)

    here = ("shop", "releases")
    status, said = refused(files.files_create, *here, data={"md5_checksum": "short"})
    assert (status, set(said["fields"])) == (422, {"filename", "md5_checksum"})
    status, said = refused(packages.packages_upload_generic, *here, data={"package_file": "x"})
    assert (status, set(said["fields"])) == (422, {"filepath"})
    status, said = refused(
        packages.packages_upload_generic, *here, data={"package_file": "x", "filepath": "a" * 3000}
    )
    assert (status, set(said["fields"])) == (422, {"filepath"})
    status, said = refused(packages.packages_upload_deb, *here, data={"package_file": "none"})
    assert (status, set(said["fields"])) == (422, {"distribution"})
    status, said = refused(
        packages.packages_upload_generic, *here, data={"package_file": "none", "filepath": "a"}
    )
    assert (status, set(said["fields"])) == (422, {"package_file"})
    assert refused(packages.packages_list, "shop", "none")[0] == 404
    official.configuration.api_key = {"X-Api-Key": "wrong"}
    assert refused(packages.packages_list, *here)[0] == 401
