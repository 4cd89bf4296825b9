"""The target's table is made from the contract, once, or compared with it."""

import threading
from typing import Any

import psycopg2
import pytest

from migration_assets.errors import MappingFault, MigrationError, StructureDiffers
from migration_assets.tables.targets.structure import differences, prepare
from migration_assets_tests.tables.by_hand import HOSTILE, column, contract
from migration_assets_tests.tables.targets.conftest import Target

CUSTOMERS = contract(
    "customers",
    column("id", "bigint", identity="by default"),
    column("email", "varchar(50)", required=True, unique=True, description="Where bills go"),
    column("state", "char(2)", default="'CA' -- most live there", check="state <> '' -- never empty"),
    column("born", "date", description='100% of it\'s "known"'),
    column("number", "numeric(12,2)", default="1 + 1"),
    schema="crm",
    primary_key=("id",),
    unique=(("state", "number"), ("email",)),
    checks={"born_late_enough": "born > '1900-01-01' AND number % 2 IN (0, 1)"},
    description="Who buys {from} us; %s",
)


def test_a_missing_table_is_made_as_the_contract_says(target: Target) -> None:
    prepare(target.connect(), CUSTOMERS)
    rows = target.run(
        "SELECT column_name, data_type, is_nullable, column_default, identity_generation"
        " FROM information_schema.columns WHERE table_schema = 'crm' ORDER BY ordinal_position"
    )
    assert rows == [
        ("id", "bigint", "NO", None, "BY DEFAULT"),
        ("email", "character varying", "NO", None, None),
        ("state", "character", "YES", "'CA'::bpchar", None),
        ("born", "date", "YES", None, None),
        ("number", "numeric", "YES", "(1 + 1)", None),
    ]
    keys = target.run(
        "SELECT conname, contype::text, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conrelid = 'crm.customers'::regclass AND contype <> 'n' ORDER BY 1"
    )
    assert [key[:2] for key in keys] == [
        ("born_late_enough", "c"),
        ("customers_email_key", "u"),
        ("customers_pkey", "p"),
        ("customers_state_check", "c"),
        ("customers_state_number_key", "u"),
    ]
    assert target.one("SELECT obj_description('crm.customers'::regclass)") == "Who buys {from} us; %s"
    assert target.run(
        "SELECT attname::text, col_description(attrelid, attnum) FROM pg_attribute"
        " WHERE attrelid = 'crm.customers'::regclass AND col_description(attrelid, attnum) IS NOT NULL"
        " ORDER BY attnum"
    ) == [("email", "Where bills go"), ("born", '100% of it\'s "known"')]


def test_a_table_that_was_made_has_no_differences(target: Target) -> None:
    connection = target.connect()
    prepare(connection, CUSTOMERS)
    assert differences(connection, CUSTOMERS) == ()
    prepare(connection, CUSTOMERS)


def test_an_autocommitting_connection_serves_as_well(target: Target) -> None:
    prepare(target.own, CUSTOMERS)
    assert differences(target.own, CUSTOMERS) == ()


def test_enum_values_and_bounds_make_no_constraints(target: Target) -> None:
    bounded = contract("t", column("a", "integer", enum=("1", "2"), options={"minimum": 0, "maximum": 9}))
    prepare(target.connect(), bounded)
    assert target.one("SELECT count(*) FROM pg_constraint WHERE conrelid = 'public.t'::regclass") == 0


@pytest.mark.parametrize(
    "kind",
    [
        "bpchar",
        "bpchar[]",
        "interval(3)",
        "timestamptz(3)",
        "bit",
        "float(10)",
        "numeric(5,-2)",
        "int[][]",
        '"char"',
        "varbit(4)",
        "interval day to second",
        "nchar(3)",
        "pg_catalog.int4",
        "TIMESTAMP (0) WITH TIME ZONE",
        "dec(4)",
        "int4range",
        "xml",
        "name",
    ],
)
def test_every_spelling_of_a_type_is_made_and_found_equal(target: Target, kind: str) -> None:
    made = contract("t", column("a", kind))
    prepare(target.connect(), made)
    assert differences(target.own, made) == ()


def test_serial_columns_get_a_sequence_of_their_own(target: Target) -> None:
    made = contract(
        "t", column("id", "bigserial"), column("other", "serial", default="7"), primary_key=("id",)
    )
    prepare(target.connect(), made)
    assert target.one("SELECT pg_get_serial_sequence('public.t', 'id')") == "public.t_id_seq"
    assert target.one("SELECT pg_get_serial_sequence('public.t', 'other')") is None
    assert differences(target.own, made) == ()


def test_a_sequence_that_a_default_calls_is_made_in_the_tables_schema(target: Target) -> None:
    actor = contract(
        "actor",
        column("id", "integer", default="nextval('actor_id_seq'::regclass)"),
        column("other", "integer", default="nextval('film.\"Shared\"')"),
        schema="film",
    )
    prepare(target.connect(), actor)
    target.run("INSERT INTO film.actor DEFAULT VALUES")
    assert target.run("SELECT * FROM film.actor") == [(1, 1)]
    assert target.one("SELECT pg_get_serial_sequence('film.actor', 'id')") == "film.actor_id_seq"
    assert differences(target.own, actor) == ()


def test_hostile_names_are_only_names(target: Target) -> None:
    target.run("CREATE TABLE x (a int)")
    hostile = contract(
        HOSTILE,
        column("select", "integer", unique=True, description="'); DROP TABLE x; --"),
        column("UPPER", "text", check="\"UPPER\" <> 'a''b'"),
        column(HOSTILE, "text", required=True),
        column("%s {} \\", "text", default="'%s {0}'"),
        schema='S"; drop table x; --',
        table="2019",
        primary_key=("select", HOSTILE),
        unique=((HOSTILE, "UPPER"),),
        checks={HOSTILE: 'length("UPPER") < 5'},
        description="'; DROP TABLE x; --",
    )
    prepare(target.connect(), hostile)
    assert differences(target.own, hostile) == ()
    assert target.one("SELECT count(*) FROM pg_class WHERE relname = '2019'") == 1
    assert target.one("SELECT count(*) FROM x") == 0


def test_constraints_whose_names_would_be_one_are_both_made(target: Target) -> None:
    columns = [column(name) for name in ("a", "b_c", "a_b", "c")]
    made = contract("t", *columns, unique=(("a", "b_c"), ("a_b", "c")))
    prepare(target.connect(), made)
    assert (
        target.one(
            "SELECT count(*) FROM pg_constraint WHERE contype = 'u' AND connamespace = 'public'::regnamespace"
        )
        == 2
    )


def test_a_name_that_another_table_has_is_not_taken(target: Target) -> None:
    target.run("CREATE TABLE t_pkey (a int)")
    made = contract("t", column("a"), primary_key=("a",))
    prepare(target.connect(), made)
    assert differences(target.own, made) == ()


def test_long_names_are_cut_without_becoming_one(target: Target) -> None:
    long = "t" * 60
    made = contract(long, column(long + "1"), column(long + "2"), unique=((long + "1",), (long + "2",)))
    prepare(target.connect(), made)
    assert (
        target.one(
            "SELECT count(*) FROM pg_constraint WHERE contype = 'u' AND connamespace = 'public'::regnamespace"
        )
        == 2
    )


def test_an_unknown_type_is_named_before_anything_is_made(target: Target) -> None:
    wrong = contract(
        "t", column("a", "mood", enum=("sad", "it's")), column("b", "crm.colour"), column("c"), schema="fresh"
    )
    with pytest.raises(MappingFault) as caught:
        prepare(target.connect(), wrong)
    assert "mood (column a), crm.colour (column b)" in caught.value.what
    assert "CREATE TYPE mood AS ENUM ('sad', 'it''s')" in caught.value.advice
    assert target.one("SELECT count(*) FROM pg_namespace WHERE nspname = 'fresh'") == 0


@pytest.mark.parametrize("kind", ["text not null", "text default now", "setof text", "("])
def test_what_is_more_than_a_type_is_refused_as_unknown(target: Target, kind: str) -> None:
    with pytest.raises(MappingFault, match="column a"):
        prepare(target.connect(), contract("t", column("a", kind)))


def test_an_enum_and_a_domain_of_the_target_are_types(target: Target) -> None:
    target.run("CREATE SCHEMA s; CREATE TYPE s.\"Mood\" AS ENUM ('a'); CREATE DOMAIN short AS text NOT NULL")
    made = contract(
        "t", column("a", 's."Mood"'), column("b", "short", required=True), column("c", 's."Mood"[]')
    )
    prepare(target.connect(), made)
    assert differences(target.own, made) == ()


def test_a_failure_half_way_leaves_nothing(target: Target) -> None:
    wrong = contract("t", column("a", "integer", check="nosuch > 0"), schema="fresh")
    with pytest.raises(MigrationError, match="nosuch"):
        prepare(target.connect(), wrong)
    assert target.one("SELECT count(*) FROM pg_namespace WHERE nspname = 'fresh'") == 0


def test_two_at_once_make_one_table(target: Target) -> None:
    failures: list[BaseException] = []
    barrier = threading.Barrier(6)
    tables = [
        contract(f"t{n % 2}", *CUSTOMERS.columns, schema="crowd", primary_key=("id",)) for n in range(6)
    ]

    def run(connection: Any, number: int) -> None:
        try:
            barrier.wait()
            prepare(connection, tables[number])
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(target.connect(), n)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not failures
    assert target.one("SELECT count(*) FROM pg_tables WHERE schemaname = 'crowd'") == 2


def test_a_role_without_create_on_the_database_uses_a_schema_that_is_there(target: Target) -> None:
    role = f"maker_{target.url.split('/')[-1].split('?')[0]}"
    target.run(f'CREATE ROLE "{role}"; CREATE SCHEMA crm; GRANT ALL ON SCHEMA crm TO "{role}"')
    connection = target.connect()
    with connection.cursor() as cursor:
        cursor.execute(f'SET ROLE "{role}"')
    try:
        prepare(connection, CUSTOMERS)
        assert differences(connection, CUSTOMERS) == ()
    finally:
        connection.close()
        target.run(f'DROP OWNED BY "{role}"; DROP ROLE "{role}"')


def test_a_table_that_differs_is_refused_with_all_differences(target: Target) -> None:
    target.run("CREATE SCHEMA crm; CREATE TABLE crm.customers (id bigint, email text)")
    with pytest.raises(StructureDiffers) as caught:
        prepare(target.connect(), CUSTOMERS)
    assert caught.value.table == "crm.customers"
    assert len(caught.value.differences) > 5


def test_without_a_schema_the_table_is_in_public(target: Target) -> None:
    target.run("CREATE SCHEMA other; SET search_path TO other")
    prepare(target.connect(), contract("t", column("a"), schema=None))
    assert target.one("SELECT schemaname FROM pg_tables WHERE tablename = 't'") == "public"


def test_an_error_of_the_database_holds_no_more_than_its_message(target: Target) -> None:
    with pytest.raises(MigrationError) as caught:
        prepare(target.connect(), contract("t", column("a", "integer", default="'secret'")))
    assert not isinstance(caught.value, psycopg2.Error)
    assert caught.value.__cause__ is None
