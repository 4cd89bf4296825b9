"""Keys and first bytes become packages by a table; what the table does not know for sure is refused."""

import gzip
import io
import random
import tarfile
import zipfile

import pytest

from migration_assets.buckets.cloudsmith.formats import HEAD, Package, Refused, package_of
from migration_assets.buckets.model import Decision
from migration_assets.contracts.bucket_model import PackageRule
from migration_assets_tests.buckets.cloudsmith.conftest import Side, sha256


def archive(*names: str, body: bytes = b"x", packed: bool = True) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as made:
        for name in names:
            info = tarfile.TarInfo(name)
            info.size = len(body)
            made.addfile(info, io.BytesIO(body))
    return gzip.compress(out.getvalue()) if packed else out.getvalue()


def zipped(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name in names:
            made.writestr(name, "x")
    return out.getvalue()


DEB = b"!<arch>\ndebian-binary   1"
RPM = b"\xed\xab\xee\xdb\x03\x00"
POM = b"<project><packaging>pom</packaging></project>"


@pytest.mark.parametrize(
    ("key", "head", "format", "path"),
    [
        ("data/2024/a.csv", b"a,b\n", "generic", "data/2024/a.csv"),
        ("nothing", b"", "generic", "nothing"),
        ("w/shop-1.0-py3-none-any.whl", zipped("shop.py"), "python", "python/shop-1.0-py3-none-any.whl"),
        ("shop-1.0.tar.gz", archive("shop-1.0/PKG-INFO", "shop-1.0/setup.py"), "python", "python/shop-1.0.tar.gz"),
        ("shop-1.0.tgz", archive("package/package.json", "package/a.js"), "npm", "npm/shop-1.0.tgz"),
        ("shop-1.0.tgz", archive("shop/Chart.yaml", "shop/values.yaml"), "helm", "helm/shop-1.0.tgz"),
        ("shop_1.0.tar.gz", archive("shop/DESCRIPTION"), "cran", "cran/shop_1.0.tar.gz"),
        ("backup.tar.gz", archive("home/me/notes"), "generic", "backup.tar.gz"),
        ("image.tar", archive("oci-layout", packed=False), "docker", "docker/image.tar"),
        ("a.1.0.nupkg", zipped("a.nuspec"), "nuget", "nuget/a.1.0.nupkg"),
        ("plain.zip", zipped("a.txt"), "generic", "plain.zip"),
        ("a-1.0.gem", archive("metadata.gz", packed=False), "ruby", "ruby/a-1.0.gem"),
        ("m/@v/v1.0.0.zip", zipped("m@v1.0.0/go.mod"), "go", "go/v1.0.0.zip"),
        ("org/acme/shop/1.0/shop-1.0.jar", zipped("a.class"), "maven", "maven/org.acme/shop/1.0/shop-1.0.jar"),
        ("org/acme/top/1.0/top-1.0.pom", POM, "maven", "maven/org.acme/top/1.0/top-1.0.pom"),
        ("app.apk", zipped("AndroidManifest.xml"), "generic", "app.apk"),
    ],
)  # fmt: skip
def test_name_and_content_say_the_format(key: str, head: bytes, format: str, path: str) -> None:
    found = package_of(key, head)

    assert isinstance(found, Package), found
    assert (found.format, found.path) == (format, path)


@pytest.mark.parametrize(
    ("key", "head", "why"),
    [
        ("shop.deb", DEB, "needs distribution"),
        ("no-ending", RPM, "needs distribution"),
        ("shop-1.0.whl", b"<html>", "content does not"),
        ("lib/shop.jar", zipped("a.class"), "layout"),
        ("org/acme/shop/1.0/shop-1.0.jar", zipped("META-INF/maven/com.other/shop/pom.xml"), "another group"),
        ("org/acme/shop/1.0/shop-1.0-linux.jar", zipped("a.so"), "several files"),
        ("both-1.tgz", archive("package/package.json", "other/PKG-INFO"), "npm or python"),
        ("shop-1.0.tar.gz", archive(*(f"shop-1.0/{n}" for n in range(9)), body=bytes(range(256)) * 4000)[:3000], "do not say"),
        ("shop.box", zipped("box.ovf"), "needs name and version and provider"),
        ("shop_1.0.dsc", b"Format: 3.0", "several files"),
    ],
)  # fmt: skip
def test_what_is_not_sure_is_refused_with_what_to_say(key: str, head: bytes, why: str) -> None:
    found = package_of(key, head)

    assert isinstance(found, Refused), found
    assert found.action == "refuse"
    assert why in found.reason
    assert "`package`" in found.reason


@pytest.mark.parametrize(
    ("key", "head"),
    [
        ("org/acme/shop/maven-metadata.xml", b"<metadata>"),
        ("org/acme/shop/maven-metadata.xml.sha1", b"0"),
        ("org/acme/shop/1.0/shop-1.0.jar.md5", b"0"),
        ("el9/repodata/repomd.xml", b"<repomd>"),
        ("dists/jammy/main/binary-amd64/Packages.gz", b""),
        ("charts/index.yaml", b"apiVersion: v1\nentries: {}\n"),
        ("m/@v/list", b"v1.0.0"),
    ],
)
def test_an_index_is_skipped_for_the_repository_makes_its_own(key: str, head: bytes) -> None:
    found = package_of(key, head)

    assert isinstance(found, Refused)
    assert found.action == "skip"


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("shop-1.0.pom", "pom_file"),
        ("shop-1.0-sources.jar", "sources_file"),
        ("shop-1.0-javadoc.jar", "javadoc_file"),
        ("shop-1.0.jar", ""),
    ],
)
def test_files_of_one_maven_package_say_which_they_are(name: str, part: str) -> None:
    found = package_of(f"org/acme/shop/1.0/{name}", b"<project/>" if name.endswith("pom") else zipped("a"))

    assert isinstance(found, Package), found
    assert found.fields.get("part", "") == part
    assert found.path == f"maven/org.acme/shop/1.0/{name}"


def test_checksums_of_what_is_no_package_are_objects_like_others() -> None:
    assert package_of("data/a.csv.md5", b"0") == Package("generic", {}, "data/a.csv.md5")


def test_a_rule_of_the_contract_comes_before_name_and_content() -> None:
    rules = (
        PackageRule("pool/**", "deb", {"distribution": "ubuntu/jammy"}),
        PackageRule("**/*.jar", "raw", {"name": "lib", "version": "2"}),
        PackageRule("keep/**", "generic"),
        PackageRule("auto/**", "auto", {"distribution": "el/9"}),
    )

    assert package_of("pool/a.deb", DEB, rules) == Package(
        "deb", {"distribution": "ubuntu/jammy"}, "deb/ubuntu/jammy/a.deb"
    )
    assert package_of("x/a.jar", b"", rules) == Package(
        "raw", {"name": "lib", "version": "2"}, "raw/lib/2/a.jar"
    )
    assert package_of("keep/maven-metadata.xml", b"", rules, path="t/m.xml") == Package(
        "generic", {}, "t/m.xml"
    )
    assert package_of("auto/a.rpm", RPM, rules) == Package("rpm", {"distribution": "el/9"}, "rpm/el/9/a.rpm")


def test_a_default_holds_where_no_rule_matches() -> None:
    assert package_of("a-1.0.whl", zipped("a"), default="generic") == Package("generic", {}, "a-1.0.whl")


def test_first_bytes_of_any_kind_give_an_answer() -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    starts = [
        b"",
        b"PK\x03\x04",
        b"\x1f\x8b\x08",
        DEB,
        RPM,
        archive("a/b")[:200],
        zipped("a")[:40],
        b"\0" * 257 + b"ustar",
    ]
    for _ in range(300):
        head = chance.choice(starts) + chance.randbytes(chance.randrange(400))
        assert package_of(chance.choice(["a.tgz", "b.zip", "c", "d.whl", "e/f/1/f-1.jar"]), head[:HEAD])


#: objects of every kind that has a package of its own, some with names that ask for trouble
OF_ALL_KINDS = {
    "w/shop_core-1.0-py3-none-any.whl": zipped("shop_core/__init__.py", "shop_core-1.0.dist-info/METADATA"),
    "w/shop_core-1.0.tar.gz": archive("shop_core-1.0/PKG-INFO", "shop_core-1.0/setup.py"),
    "n/shop-1.0.0.tgz": archive("package/package.json", "package/index.js"),
    "n/@acme/tool-2.0.0.tgz": archive("package/package.json"),
    "h/chart-0.1.0.tgz": archive("chart/Chart.yaml", "chart/values.yaml"),
    "nu/Shop.Core.1.0.0.nupkg": zipped("Shop.Core.nuspec", "lib/a.dll"),
    "org/acme/shop/1.0/shop-1.0.jar": zipped("a.class"),
    "org/acme/shop/1.0/shop-1.0.pom": b"<project><artifactId>shop</artifactId></project>",
    "org/acme/top/1.0/top-1.0.pom": POM,
    "d/pool/shop_1.0-1~deb12u1_amd64.deb": DEB + b"0" * 100,
    "r/shop-1.0-1.el9.x86_64.rpm": RPM + b"0" * 100,
    "i/image.tar": archive("oci-layout", "index.json", packed=False),
    "raw/größe (1) 'x' \"y\".bin": b"raw",
    "any/%2e%2e/a b+c&d=e?f#g/\u202e\u0007.txt": b"any",
}
RULES = (
    PackageRule("d/**", "deb", {"distribution": "ubuntu/jammy", "component": "main"}),
    PackageRule("r/**", "auto", {"distribution": "el/9"}),
    PackageRule("i/**", "docker"),
    PackageRule("raw/**", "raw", {"name": "odd one", "version": "1.0+b/2"}),
)


def decided(side: Side) -> list[Decision]:
    found: list[Decision] = []
    for each in side.listed():
        package = package_of(each.key, OF_ALL_KINDS[each.key], RULES)
        assert isinstance(package, Package), package
        found.append(Decision(each, "copy", "", package.path, format=package.format, package=package.fields))
    return found


def test_every_kind_of_package_is_made_and_found_again_by_its_path(side: Side) -> None:
    side.put(OF_ALL_KINDS)
    wanted = decided(side)

    moved = side.move(wanted)

    assert {each.reason for each in moved} == {""}
    assert {key: there.digests["sha256"] for key, there in side.there().items()} == {
        each.target: sha256(OF_ALL_KINDS[each.found.key]) for each in wanted
    }
    formats = {each.format for each in side.standin.world.packages.values()}
    assert formats == {"python", "npm", "helm", "nuget", "maven", "deb", "rpm", "docker", "raw", "generic"}
    assert {each.state for each in side.target.undo(moved)} == {"removed"}
    assert side.there() == {}


def test_a_distribution_that_is_none_fails_and_names_the_field(side: Side) -> None:
    side.put({"a.deb": DEB + b"0" * 100})
    (found,) = side.listed()

    (moved,) = side.move(
        [Decision(found, "copy", "", "deb/x/a.deb", format="deb", package={"distribution": "x"})]
    )

    assert moved.state == "failed"
    assert "distribution" in moved.reason


def test_a_package_whose_file_is_renamed_there_is_the_same_in_a_second_run(side: Side) -> None:
    side.standin.world.renaming = True
    side.put({"nu/Shop.Core.1.0.0.nupkg": OF_ALL_KINDS["nu/Shop.Core.1.0.0.nupkg"]})
    (first,) = side.move(decided(side))

    (second,) = side.move(decided(side))

    assert (first.state, second.state) == ("moved", "skipped")
    assert first.there == second.there
    assert len(side.standin.world.packages) == 1
