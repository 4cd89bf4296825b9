"""A whole pre-flight on real servers: what it finds, and that it writes nothing."""

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psycopg2
import pytest
from sqlalchemy.engine import make_url

from migration_assets.analyzer.preflight.check import Asked, Preflight, pairs, preflight
from migration_assets.analyzer.preflight.finding import Finding
from migration_assets.analyzer.preflight.sides import postgres
from migration_assets.contracts.model import Server, TableName
from migration_assets.staging.folder import Folder
from migration_assets.staging.partition import Staging
from migration_assets.staging.root import staging_of
from migration_assets_tests.tables.shop import CUSTOMERS, ORDERS, Shop, ask, open_shop

ROLE = f"preflight_{os.getpid()}"


@pytest.fixture
def shop(new_database: Callable[[str], str], tmp_path: Path) -> Shop:
    return open_shop(new_database, tmp_path)


@pytest.fixture
def role(shop: Shop) -> Iterator[str]:
    """A role that may log in and nothing else; dropped with what it was granted."""
    admins = (shop.new, shop.old)
    ask(shop.old, [f"CREATE ROLE {ROLE} LOGIN"])
    yield ROLE
    for url in admins:
        ask(url, [f"DROP OWNED BY {ROLE} CASCADE"])
    ask(admins[0], [f"DROP ROLE {ROLE}"])


def as_role(url: str) -> str:
    return make_url(url).set(username=ROLE).render_as_string(hide_password=False)


def looked(shop: Shop, **changes: object) -> Preflight:
    staging = staging_of(shop.environment)
    asked = Asked(tuple(shop.contracts.values()), shop.contracts, shop.environment, staging, 3)
    return preflight(replace(asked, **changes))


def finding(found: Preflight, side: str, name: str) -> Finding:
    (one,) = [each for each in found.findings if (each.side, each.name) == (side, name)]
    return one


def state(found: Preflight, side: str, name: str) -> str:
    return finding(found, side, name).state


def test_two_servers_that_fit_let_everything_pass_and_stay_as_they_were(shop: Shop) -> None:
    found = looked(shop)

    assert not found.stops
    assert [each.name for each in found.findings if each.state == "failed"] == []
    assert found.estimates is not None
    assert found.estimates.rows == 400
    assert ask(
        shop.new, ["SELECT count(*) FROM pg_class WHERE relname IN ('customers', 'migration_probe')"]
    ) == [(0,)]
    assert list((shop.folder / "staging").iterdir()) == []


def test_a_role_with_select_alone_is_enough_and_cannot_write(shop: Shop, role: str) -> None:
    ask(shop.old, [f"GRANT SELECT ON custmast, ordhdr TO {role}"])
    shop.old = as_role(shop.old)

    found = looked(shop)

    assert not found.stops
    assert state(found, "source", "right SELECT") == "ok"
    assert state(found, "source", "read-only role") == "ok"
    assert found.estimates is not None
    assert {each.how.partition(";")[0] for each in found.estimates.contracts} == {"all rows were read"}
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        ask(shop.old, ["INSERT INTO ordhdr VALUES (1, 1, NULL)"])


def test_a_role_that_could_write_is_a_warning(shop: Shop, role: str) -> None:
    ask(shop.old, [f"GRANT SELECT, INSERT ON custmast, ordhdr TO {role}"])
    shop.old = as_role(shop.old)

    found = looked(shop)

    assert state(found, "source", "read-only role") == "warning"
    assert "custmast" in finding(found, "source", "read-only role").found
    assert not found.stops


def test_a_table_that_the_role_cannot_read_stops_and_names_the_grant(shop: Shop, role: str) -> None:
    admin = shop.old
    ask(admin, [f"GRANT SELECT ON custmast TO {role}"])
    shop.old = as_role(shop.old)

    found = looked(shop)

    right = finding(found, "source", "right SELECT")
    assert right.state == "failed"
    assert "ordhdr: no right SELECT" in right.found
    ask(admin, [right.advice])
    assert state(looked(shop), "source", "right SELECT") == "ok"


def test_rows_that_a_policy_hides_are_found_before_they_are_missing(shop: Shop, role: str) -> None:
    admin = shop.old
    ask(
        admin,
        [
            f"GRANT SELECT ON custmast, ordhdr TO {role}",
            "ALTER TABLE ordhdr ENABLE ROW LEVEL SECURITY",
        ],
    )
    shop.old = as_role(shop.old)

    hidden = finding(looked(shop), "source", "right SELECT")

    assert "a policy hides rows" in hidden.found
    ask(admin, [hidden.advice])
    assert state(looked(shop), "source", "right SELECT") == "ok"


def test_a_schema_that_the_role_may_not_look_into_is_told_from_one_that_is_not_there(
    shop: Shop, role: str
) -> None:
    admin = shop.old
    ask(admin, ['CREATE SCHEMA "Old"', 'ALTER TABLE ordhdr SET SCHEMA "Old"'])
    shop.contract(ORDERS, source_table=TableName("Old", "ordhdr"))
    shop.contract(CUSTOMERS, source_table=TableName("Nowhere", "custmast"))
    shop.old = as_role(shop.old)

    right = finding(looked(shop), "source", "right SELECT")

    assert "Old.ordhdr: no right USAGE" in right.found
    assert "Nowhere.custmast: there is no such table" in right.found
    assert right.advice == (
        f'GRANT USAGE ON SCHEMA "Old" TO "{role}"; GRANT SELECT ON "Old"."ordhdr" TO "{role}"; Correct `from.table`.'
    )


def test_rights_that_the_target_s_role_lacks_are_named_one_by_one_with_their_grants(
    shop: Shop, role: str
) -> None:
    ask(
        shop.new,
        [
            "CREATE SCHEMA shop",
            "CREATE TABLE shop.customers (id integer PRIMARY KEY)",
            f"GRANT USAGE ON SCHEMA shop TO {role}",
            f"GRANT SELECT ON shop.customers TO {role}",
        ],
    )
    shop.new = as_role(shop.new)

    found = looked(shop)

    states = {each.name: each.state for each in found.findings if each.side == "target"}
    assert {
        name: states[f"right {name}"]
        for name in ("CREATE", "USAGE", "SELECT", "INSERT", "DELETE", "REFERENCES")
    } == {
        "CREATE": "failed",
        "USAGE": "ok",
        "SELECT": "ok",
        "INSERT": "failed",
        "DELETE": "failed",
        "REFERENCES": "failed",
    }
    assert states["ledger"] == "failed"
    assert (
        finding(found, "target", "right INSERT").advice
        == f'GRANT INSERT ON TABLE "shop"."customers" TO "{role}";'
    )
    assert finding(found, "target", "right CREATE").advice == f'GRANT CREATE ON SCHEMA "shop" TO "{role}";'


def test_the_grants_that_are_named_are_enough(shop: Shop, role: str) -> None:
    admin = shop.new
    ask(admin, ["CREATE SCHEMA shop"])
    shop.new = as_role(shop.new)
    grants = [each.advice for each in looked(shop).findings if each.state == "failed"]

    ask(admin, grants)

    assert not looked(shop).stops


def test_a_database_that_allows_no_temporary_tables_is_a_warning_and_stops_an_upsert(
    shop: Shop, role: str
) -> None:
    ask(shop.new, [f'GRANT CREATE ON DATABASE "{make_url(shop.new).database}" TO {role}'])
    ask(shop.new, [f'REVOKE TEMP ON DATABASE "{make_url(shop.new).database}" FROM PUBLIC'])
    shop.new = as_role(shop.new)
    assert state(looked(shop), "target", "right TEMP") == "warning"

    shop.contract(ORDERS, load_mode="upsert")

    assert state(looked(shop), "target", "right TEMP") == "failed"


def test_a_side_that_cannot_be_reached_is_a_finding_and_the_other_one_is_looked_at_all_the_same(
    shop: Shop,
) -> None:
    shop.old = "postgresql://nobody:a-secret@127.0.0.1:1/nothing"

    found = looked(shop)

    assert found.stops
    assert state(found, "source", "reachable") == "failed"
    assert state(found, "target", "reachable") == "ok"
    assert found.estimates is None
    assert "a-secret" not in repr(found)


def test_too_few_connections_stop(shop: Shop, role: str) -> None:
    ask(shop.old, [f"GRANT SELECT ON custmast, ordhdr TO {role}", f"ALTER ROLE {role} CONNECTION LIMIT 2"])
    shop.old = as_role(shop.old)

    found = finding(looked(shop), "source", "connections")

    assert found.state == "failed"
    assert "of 2 are free, 3 are needed" in found.found


def test_a_transaction_that_is_open_for_long_is_a_warning_and_one_of_another_role_may_be_unseen(
    shop: Shop, role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "LONG", 0)
    ask(shop.old, [f"GRANT SELECT ON custmast, ordhdr TO {role}"])
    with closing(psycopg2.connect(shop.old)) as open_for_long:
        open_for_long.cursor().execute("SELECT 1")
        seen = finding(looked(shop), "source", "long transactions")
        shop.old = as_role(shop.old)
        unseen = finding(looked(shop), "source", "long transactions")

    assert (seen.state, unseen.state) == ("warning", "unknown")
    assert "pg_read_all_stats" in unseen.found


def test_a_contract_that_does_not_fit_its_source_is_found_by_its_sample(shop: Shop) -> None:
    ask(shop.old, ["ALTER TABLE ordhdr RENAME COLUMN note TO remark"])

    found = looked(shop)

    sample = [each for each in found.findings if each.name == "sample"]
    assert [each.state for each in sample] == ["failed"]
    assert "note" in sample[0].found


def test_a_staging_that_is_a_file_is_found(shop: Shop) -> None:
    file = shop.folder / "file"
    file.write_text("")

    found = looked(shop, staging=Staging(Folder(file / "staging")))

    assert state(found, "staging", "writable") == "failed"
    assert found.estimates is None


def test_nothing_of_a_row_is_told(shop: Shop) -> None:
    ask(shop.old, ["UPDATE ordhdr SET note = 'a secret note'", "UPDATE custmast SET d8 = 'a secret'"])

    assert "secret" not in repr(looked(shop))


def test_contracts_are_taken_by_pairs_of_source_and_target(shop: Shop) -> None:
    elsewhere = replace(
        ORDERS, name="elsewhere", source=Server("archive", "postgres"), source_table=TableName(None, "t")
    )

    found = pairs({**shop.contracts, "elsewhere": elsewhere})

    assert {pair: [each.name for each in contracts] for pair, contracts in found.items()} == {
        ("legacy", "cloud"): ["customers", "orders"],
        ("archive", "cloud"): ["elsewhere"],
    }
