"""Steps as data, and in words."""

from dataclasses import replace

import pytest

from migration_assets.contracts.model import ByKey
from migration_assets.control.plan import Step, in_words, steps, structure
from migration_assets.errors import PlanRefused
from migration_assets_tests.control.shop import CONTRACTS, COUNTRIES, ORDERS


def test_parents_come_before_children_and_high_priorities_first() -> None:
    assert [step.contract.name for step in steps(CONTRACTS)] == ["countries", "customers", "orders"]


def test_a_step_has_the_partitions_that_are_meant_and_all_there_are() -> None:
    (step,) = steps(CONTRACTS, ["orders"], wanted=["b"])
    assert step.partitions == ("b",)
    assert step.all_partitions == ("a", "b", "c", "d", "rest")


def test_contracts_without_a_plan_are_refused_together(tmp_path) -> None:
    unplanned = {
        name: replace(CONTRACTS[name], file=str(tmp_path / f"{name}.odcs.yaml"), partitioning=ByKey("id", 10))
        for name in ("customers", "countries")
    }
    with pytest.raises(PlanRefused) as refused:
        steps({**CONTRACTS, **unplanned})
    assert "migrate plan customers" in str(refused.value)
    assert "migrate plan countries" in str(refused.value)


def test_each_stage_is_said_in_words() -> None:
    words = in_words(Step(ORDERS, ("a", "b"), ("a", "b", "rest")))
    assert words["extracted"] == (
        "Read 2 of 3 partitions (by value of region) of auftrag in legacy,"
        " each in one snapshot, and stage them."
    )
    assert "Leave all values untouched" in words["transformed"]
    assert "keep their partition from being loaded" in words["transformed"]
    assert "Replace each partition's rows in public.orders in cloud" in words["loaded"]
    assert "count, checksum, referential hold, after customers" in words["loaded"]


def test_what_differs_between_contracts_is_said() -> None:
    contract = replace(
        COUNTRIES, where="old = 0", load_mode="upsert", bad_rows="quarantine", hook="shop:clean"
    )
    words = in_words(Step(contract, ("all",), ("all",)))
    assert "the only partition of land in legacy, where old = 0" in words["extracted"]
    assert "run shop:clean" in words["transformed"]
    assert "go to quarantine" in words["transformed"]
    assert "Upsert rows by id in public.countries" in words["loaded"]


def test_a_target_that_cannot_be_asked_is_said_and_not_raised() -> None:
    found = structure(COUNTRIES, {})
    assert found.state == "not asked"
    assert "CLOUD_URL is not set" in found.sentences[0]


def test_a_missing_table_will_be_made_and_a_different_one_is_named(new_database) -> None:
    import psycopg2

    url = new_database("plan")
    assert structure(COUNTRIES, {"CLOUD_URL": url}).state == "to be made"
    connection = psycopg2.connect(url)
    with connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE public.countries (id bigint PRIMARY KEY, region integer)")
    found = structure(COUNTRIES, {"CLOUD_URL": url})
    assert found.state == "differs"
    assert "region" in found.sentences[0]
    with connection, connection.cursor() as cursor:
        cursor.execute("ALTER TABLE public.countries ALTER region TYPE text")
    assert structure(COUNTRIES, {"CLOUD_URL": url}).state == "fits"
    connection.close()
