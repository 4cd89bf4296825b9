"""Names that PostgreSQL cuts or that have to be quoted, and what contract and catalog tell beforehand."""

from collections.abc import Callable

from migration_assets.analyzer.profile.survey import Wanted, profile
from migration_assets_tests.analyzer.profile.conftest import Place

Make = Callable[..., Place]


def kinds(place: Place) -> dict[str, set[str | None]]:
    found: dict[str, set[str | None]] = {}
    for hazard in profile(Wanted("legacy"), {}, place.environment).all_hazards:
        found.setdefault(hazard.kind, set()).add(hazard.column or hazard.table)
    return found


def test_names_that_become_one_after_63_bytes_are_named(sqlite: Make) -> None:
    one, other = "n" * 63 + "a", "n" * 63 + "b"
    found = kinds(sqlite(f"CREATE TABLE t (id INTEGER PRIMARY KEY, {one} TEXT, {other} TEXT)"))
    assert found["names collide"] == {one, other}
    assert found["long name"] == {one, other}


def test_names_that_differ_by_case_alone_are_named(postgres: Make) -> None:
    found = kinds(postgres('CREATE TABLE t (id int PRIMARY KEY, "Name" text, name text)'))
    assert found["names differ by case"] == {"Name", "name"}


def test_reserved_words_and_tables_without_a_key_are_named(sqlite: Make) -> None:
    found = kinds(sqlite('CREATE TABLE "order" ("select" TEXT, plain TEXT)'))
    assert found["reserved word"] == {"order", "select"}
    assert found["no key"] == {"order"}


def test_counters_near_their_end_are_named(mysql: Make) -> None:
    place = mysql("CREATE TABLE t (id TINYINT AUTO_INCREMENT PRIMARY KEY, v int) AUTO_INCREMENT=120")
    assert kinds(place)["counter near its end"] == {"id"}


def test_a_sequence_near_its_end_is_named(postgres: Make) -> None:
    place = postgres("CREATE TABLE t (id smallserial PRIMARY KEY)", "SELECT setval('t_id_seq', 32000)")
    assert kinds(place)["counter near its end"] == {"id"}
