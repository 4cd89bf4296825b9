import pytest

from migration_assets.contracts.columns import source_name
from migration_assets.contracts.model import TableName
from migration_assets_tests.contracts.conftest import Faults, Read
from migration_assets_tests.contracts.example import ORDERS


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("EMAIL", "EMAIL"),
        ("customers.EMAIL", "EMAIL"),
        ("crm.customers.EMAIL", "EMAIL"),
        ("CRM.CUSTOMERS.EMAIL", "EMAIL"),
        ("customers", "customers"),
        ("customers.customers", "customers"),
        ('customers."a.b"', "a.b"),
        ('"customers"."a ""b"""', 'a "b"'),
        ("address.street", "address.street"),
        ("customers.address.street", "address.street"),
        ('it"s', 'it"s'),
        ('"open', '"open'),
        ('"a"b', '"a"b'),
    ],
)
def test_a_source_column_may_be_said_with_its_table(text: str, column: str) -> None:
    assert source_name(text, TableName("crm", "customers")) == column


@pytest.mark.parametrize(
    ("logical", "physical"),
    [
        ("string", "text"),
        ("integer", "bigint"),
        ("number", "numeric"),
        ("boolean", "boolean"),
        ("date", "date"),
        ("timestamp", "timestamp without time zone"),
        ("time", "time without time zone"),
        ("object", "jsonb"),
        ("array", "jsonb"),
    ],
)
def test_a_type_follows_from_the_logical_one(read: Read, logical: str, physical: str) -> None:
    text = ORDERS.replace(
        "name: note\n        logicalType: string", f"name: note\n        logicalType: {logical}"
    )
    assert read(orders=text)["orders"].column("note").type == physical


@pytest.mark.parametrize(
    ("physical", "words"),
    [
        ("varchar(10", "as PostgreSQL does"),
        ("enum('a','b')", "`text`"),
        ("datetime", "`timestamp`"),
        ("tinyint(1)", "`smallint`"),
        ("bigint(20) unsigned", "as PostgreSQL does"),
        ("NVARCHAR(80)", "`varchar`"),
        ("double", "`double precision`"),
    ],
)
def test_another_databases_type_is_refused_with_postgresqls(
    faults: Faults, physical: str, words: str
) -> None:
    (fault,) = faults(("physicalType: varchar(10)", f'physicalType: "{physical}"'))
    assert fault.path == "schema[0].properties[1].physicalType"
    assert "is no type of PostgreSQL" in fault.what
    assert words in fault.right


@pytest.mark.parametrize(
    "physical", ["double precision", "varchar(8)[]", '"my.mood"', "shop.mood", "timestamptz(3)"]
)
def test_any_type_of_postgresql_may_be_said(read: Read, physical: str) -> None:
    text = ORDERS + f"        physicalType: '{physical}'\n"
    assert read(orders=text)["orders"].column("note").type == physical


def test_a_column_without_any_type_is_a_fault(faults: Faults) -> None:
    (fault,) = faults(("name: note\n        logicalType: string", "name: note"))
    assert fault.right == "Say `physicalType`."


@pytest.mark.parametrize(
    ("physical", "own", "words"),
    [("text", "identity: always", "cannot count"), ("int", "identity: always, default: 1", "no default")],
)
def test_a_column_counts_only_where_it_can(faults: Faults, physical: str, own: str, words: str) -> None:
    custom = f"        customProperties: [{{property: migration, value: {{{own}}}}}]\n"
    (fault,) = faults(orders=ORDERS + f"        physicalType: {physical}\n" + custom)
    assert words in fault.what
