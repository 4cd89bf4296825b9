"""A jar, its descriptor and its sources are one package, each of them proven and taken back with it."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from migration_assets.buckets.cloudsmith.formats import Package, package_of
from migration_assets.buckets.model import Decision, There
from migration_assets_tests.buckets.cloudsmith.conftest import Side, sha256

FOLDER = "org/acme/shop/1.0"
PATH = "maven/org.acme/shop/1.0"
BODIES = {
    f"{FOLDER}/shop-1.0-sources.jar": b"PK\x03\x04 sources",
    f"{FOLDER}/shop-1.0.jar": b"PK\x03\x04 classes",
    f"{FOLDER}/shop-1.0.pom": b"<project><artifactId>shop</artifactId></project>",
    "org/acme/tool/2.0/tool-2.0.jar": b"PK\x03\x04 tool",
}


def decided(side: Side, before: Sequence[There] = ()) -> list[Decision]:
    there = {each.key: each for each in before}
    made: list[Decision] = []
    for found in side.listed():
        package = package_of(found.key, BODIES[found.key])
        assert isinstance(package, Package)
        made.append(
            Decision(
                found,
                "copy",
                "",
                package.path,
                there.get(package.path),
                format="maven",
                package=package.fields,
            )
        )
    return made


@pytest.fixture
def there(side: Side) -> Side:
    side.put(BODIES)
    return side


def test_files_that_belong_together_become_one_package_and_each_is_proven(there: Side) -> None:
    moved = there.move(decided(there))

    assert [each.reason for each in moved] == [""] * 4
    assert len(there.standin.world.packages) == 2
    assert {key: each.digests["sha256"] for key, each in there.there().items()} == {
        f"{PATH}/shop-1.0-sources.jar": sha256(BODIES[f"{FOLDER}/shop-1.0-sources.jar"]),
        f"{PATH}/shop-1.0.jar": sha256(BODIES[f"{FOLDER}/shop-1.0.jar"]),
        f"{PATH}/shop-1.0.pom": sha256(BODIES[f"{FOLDER}/shop-1.0.pom"]),
        "maven/org.acme/tool/2.0/tool-2.0.jar": sha256(BODIES["org/acme/tool/2.0/tool-2.0.jar"]),
    }
    assert {each.decision.target: each.there for each in moved} == there.there()


def test_a_package_whose_second_file_differs_is_made_anew(there: Side) -> None:
    there.standin.faults.add("flip", "shop-1.0.jar")

    moved = {each.decision.target: each for each in there.move(decided(there))}

    assert {each.state for each in moved.values()} == {"moved"}
    assert moved[f"{PATH}/shop-1.0.pom"].tried_after == ("differs",)
    assert len(there.standin.world.packages) == 2


def test_a_package_goes_back_once_with_all_its_files(there: Side) -> None:
    moved = there.move(decided(there))

    undone = list(there.target.undo(moved))

    assert [each.state for each in undone] == ["removed"] * 4
    assert there.there() == {}


def test_a_package_stays_when_one_of_its_files_is_another(there: Side) -> None:
    moved = there.move(decided(there))
    changed = [
        replace(each, there=replace(each.there, digests={"sha256": "0" * 64}))
        if each.there and each.decision.target.endswith(".pom")
        else each
        for each in moved
    ]

    undone = {each.moved.decision.target: each for each in there.target.undo(changed)}

    assert {key: each.state for key, each in undone.items() if key.startswith(PATH)} == {
        f"{PATH}/{name}": "left" for name in ("shop-1.0-sources.jar", "shop-1.0.jar", "shop-1.0.pom")
    }
    assert undone["maven/org.acme/tool/2.0/tool-2.0.jar"].state == "removed"


def test_overwriting_takes_the_place_of_the_whole_package(there: Side) -> None:
    there.move(decided(there))
    before = there.there()

    moved = there.move(decided(there, list(before.values())))

    assert {each.state for each in moved} == {"moved"}
    assert [each.state for each in there.target.undo(moved)] == ["restored"] * 4
    assert there.there() == before


def test_a_part_without_its_package_is_refused_in_words(there: Side) -> None:
    (alone,) = [each for each in decided(there) if each.target.endswith(".pom")]

    (moved,) = there.move([alone])

    assert moved.state == "failed"
    assert "own file" in moved.reason
