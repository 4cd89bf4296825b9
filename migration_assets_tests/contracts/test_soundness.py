import pytest

from migration_assets_tests.contracts.conftest import Faults, Read
from migration_assets_tests.contracts.example import ORDERS

OWN = "customProperties[0].value"
LONG = "n" * 64


@pytest.mark.parametrize(
    ("old", "new", "path", "what", "right"),
    [
        ("target: cloud", "target: legacy", f"{OWN}.target", "the same server", "`servers`"),
        ("source: legacy", "source: legaci", f"{OWN}.source", "no server `legaci`", "`legacy`"),
        ("transformSourceObjects: [CUST]", "transformSourceObjects: [A, B]",
         "schema[0].properties[2].transformSourceObjects", "made from 2 columns", "`transformLogic`"),
        ("[customer]}", "[custmer]}", f"{OWN}.indexes[0].columns[0]", "no column `custmer`", "`customer`"),
        ("[[code, customer]]", "[[code, costs]]", f"{OWN}.unique[0][1]", "no column `costs`", ""),
        ("dear_enough: price", "dear_enough: prize", f"{OWN}.checks.dear_enough", "`prize`", "`price`"),
        ("price < 2000000", "'\"Price!\" < 2'", "schema[0].properties[3]", "`Price!`", "`price`"),
        ("name: note", "name: code", "schema[0].properties[5]", "two columns `code`", "`physicalName`"),
        ("primaryKeyPosition: 2", "primaryKeyPosition: 1",
         "schema[0].properties[1].primaryKeyPosition", "the position 1", ""),
        ("name: note", f"name: {LONG}", "schema[0].properties[5]", "longer than 63 bytes", "physicalName"),
        ("name: note", f"name: {'ü' * 32}", "schema[0].properties[5]", "longer than 63 bytes", ""),
        ("physicalName: order\n", f"physicalName: {LONG}\n", "schema[0]", "longer than 63 bytes", ""),
        ("dear_enough:", f"{LONG}:", f"{OWN}.checks.{LONG}", "longer than 63 bytes", "Shorten it."),
        ("name: note", 'name: "no\\nte"', "schema[0].properties[5]", "a line break or a NUL", ""),
        ("name: note", 'name: "no\\0te"', "schema[0].properties[5]", "a line break or a NUL", ""),
        ("[CUST]", '["CU\\0ST"]', "schema[0].properties[2].transformSourceObjects", "a NUL", ""),
        ("physicalName: order\n", "physicalName: a.b.c\n", "schema[0].physicalName", "names no table", ""),
        ("physicalName: order\n", "physicalName: a.\n", "schema[0].physicalName", "names no table", ""),
        ("{table: crm.ORDERS,", "{table: '\"crm.ORDERS',", f"{OWN}.from.table", "names no table", ""),
        ("priority: 10", "transform: module.function", f"{OWN}.transform", "no function", ":function"),
    ],
)  # fmt: skip
def test_a_contract_that_contradicts_itself_is_told_where(
    faults: Faults, old: str, new: str, path: str, what: str, right: str
) -> None:
    found = [fault for fault in faults((old, new)) if what in fault.what]
    assert path in [fault.path for fault in found], [str(fault) for fault in found]
    assert any(right in fault.right for fault in found)


def test_upsert_needs_a_primary_key(faults: Faults) -> None:
    (fault,) = faults(("        primaryKey: true\n", ""))
    assert (fault.path, fault.what) == (f"{OWN}.load.mode", "upsert needs a primary key")


def test_names_of_sixty_three_bytes_are_taken(read: Read) -> None:
    assert (
        read(orders=ORDERS.replace("name: note", f"name: {'n' * 63}"))["orders"].columns[-1].name == "n" * 63
    )


def test_a_hook_may_make_a_column_from_several(read: Read) -> None:
    text = ORDERS.replace("[CUST]", "[A, B]").replace("priority: 10", "transform: shop.hooks:mend")
    orders = read(orders=text)["orders"]
    assert (orders.hook, orders.column("customer").sources) == ("shop.hooks:mend", ("A", "B"))


@pytest.mark.parametrize(
    "check",
    [
        "created_at < current_timestamp AND lower(note) = 'prize' AND \"code\" ~ '^x'",
        "note IS JSON OBJECT",
        "CUSTOMER BETWEEN 1 AND 5",
        "note = 'it''s prize'",
        "price::text SIMILAR TO '%x%'",
    ],
)
def test_a_check_may_say_what_postgresql_reads(read: Read, check: str) -> None:
    text = ORDERS.replace(
        "dear_enough: price >= 0.01 AND code <> 'none'", f"dear_enough: >-\n          {check}"
    )
    assert read(orders=text)["orders"].checks["dear_enough"] == check


@pytest.mark.parametrize("tables", [0, 2])
def test_one_contract_moves_one_table(faults: Faults, tables: int) -> None:
    start = ORDERS.index("schema:\n  - name")
    two = ORDERS[start:] + "  - {name: more, properties: [{name: a, logicalType: string}]}\n"
    found = faults(orders=ORDERS[:start] + ("schema: []\n" if tables == 0 else two))
    assert f"it has {tables} tables" in [fault.what for fault in found]


def test_two_servers_of_one_name_are_a_fault(faults: Faults) -> None:
    found = faults(
        (
            "{server: cloud,",
            "{server: cloud, type: mysql, host: h, port: 1, database: d}\n  - {server: cloud,",
        )
    )
    assert any("2 servers `cloud`" in fault.what for fault in found)
