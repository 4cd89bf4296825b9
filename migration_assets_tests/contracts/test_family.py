import random

import pytest

from migration_assets_tests.contracts.conftest import Faults, Read
from migration_assets_tests.contracts.example import CUSTOMERS, ORDERS


def table(name: str, *parents: str, deferred: bool = False) -> str:
    """A contract like that of `customers`, with a column for each parent."""
    text = CUSTOMERS.replace("customers", name)
    for parent in parents:
        own = ", customProperties: [{property: migration, value: {deferred: true}}]" if deferred else ""
        relation = f"relationships: [{{to: {parent}.id{own}}}]"
        text += f"      - {{name: {parent}_id, logicalType: integer, {relation}}}\n"
    return text


def test_a_table_may_refer_to_itself(read: Read) -> None:
    contracts = read(people=table("people", "people"))
    assert contracts["people"].references[0].parent == "people"


def test_parents_are_known_by_each_of_their_names(read: Read) -> None:
    parent = CUSTOMERS.replace("  - name: customers\n", "  - name: client\n    physicalName: tbl_client\n")
    for name in ("client", "tbl_client", "sales.tbl_client", "customers"):
        contracts = read(customers=parent, orders=ORDERS.replace("customers.id", f"{name}.id"))
        assert contracts["orders"].references[0].parent == "customers", name


def test_references_are_between_the_targets_columns(read: Read) -> None:
    parent = CUSTOMERS.replace("{name: id,", "{name: id, physicalName: customer_id,")
    assert read(customers=parent)["orders"].references[0].parent_columns == ("customer_id",)


def test_a_composite_reference_has_all_its_columns(read: Read, faults: Faults) -> None:
    parent = CUSTOMERS + "      - {name: region, logicalType: string, primaryKey: true}\n"
    near = ("from: [orders.customer]", "from: [orders.client, order.note]")
    far = ("to: [customers.id]", "to: [customers.id, customers.region]")
    single = ("        relationships:\n          - {to: customers.id}\n", "")
    text = ORDERS
    for old, new in (near, far, single):
        text = text.replace(old, new)
    reference = read(customers=parent, orders=text)["orders"].references[0]
    assert (reference.columns, reference.parent_columns) == (("customer", "note"), ("id", "region"))


@pytest.mark.parametrize(
    ("old", "new", "path", "what", "right"),
    [
        ("{to: customers.id}", "{to: customer.id}", "properties[2].relationships[0].to",
         "no contract brings the table `customer`", "`customers`"),
        ("{to: customers.id}", "{to: customers.idd}", "properties[2].relationships[0].to",
         "customers has no column `idd`", "`id`"),
        ("{to: customers.id}", "{to: [customers.id, customers.id]}", "properties[2].relationships[0].to",
         "not the same number of columns", ""),
        ("{to: customers.id}", "{to: schema/x/properties/y}", "properties[2].relationships[0].to",
         "names no column", "`table.column`"),
        ("from: [orders.customer]", "from: [customers.id]", "relationships[0].from",
         "no column of this table", "`order.id`"),
        ("from: [orders.customer]", "from: [orders.custom]", "relationships[0].from",
         "no column `custom`", "`customer`"),
        ("to: [customers.id]", "to: [customers.id, orders.code]", "relationships[0].to",
         "more than one table", ""),
    ],
)  # fmt: skip
def test_a_relationship_that_leads_nowhere_is_a_fault(
    faults: Faults, old: str, new: str, path: str, what: str, right: str
) -> None:
    (fault,) = faults((old, new))
    assert fault.path == f"schema[0].{path}"
    assert what in fault.what
    assert right in fault.right


def test_a_parent_in_another_target_is_a_fault(faults: Faults) -> None:
    moved = CUSTOMERS.replace("server: cloud", "server: mirror").replace("target: cloud", "target: mirror")
    assert {fault.what for fault in faults(customers=moved)} == {
        "`customers` goes to mirror, and this table to cloud"
    }


def test_a_parent_that_may_be_two_tables_is_a_fault(faults: Faults) -> None:
    other = table("other").replace(
        "  - name: other\n", "  - name: customers\n    physicalName: x.customers\n"
    )
    found = faults(other=other)
    assert {fault.what for fault in found} == {"`customers` may be the table of customers, other"}


def test_parent_columns_that_are_no_key_are_a_fault(faults: Faults) -> None:
    plain = CUSTOMERS.replace(", primaryKey: true", "")
    assert all("neither primary key nor unique in customers" in f.what for f in faults(customers=plain))


def test_unique_columns_may_be_referred_to(read: Read) -> None:
    assert read(customers=CUSTOMERS.replace("primaryKey: true", "unique: true"))["orders"].references


def test_two_contracts_of_one_name_are_a_fault(faults: Faults) -> None:
    other = table("other").replace("name: other\nversion", "name: orders\nversion")
    (fault,) = faults(other=other)
    assert (fault.file, fault.path) == ("other.odcs.yaml", "name")
    assert "orders.odcs.yaml" in fault.what


def test_two_contracts_for_one_target_table_are_a_fault(faults: Faults) -> None:
    other = table("other").replace("  - name: other\n", "  - name: other\n    physicalName: sales.order\n")
    (fault,) = faults(other=other)
    assert (fault.file, fault.path) == ("other.odcs.yaml", "schema[0]")
    assert "the contract of orders.odcs.yaml goes to the table sales.order too" in fault.what


def test_a_cycle_is_named_with_the_way_out(faults: Faults) -> None:
    (fault,) = faults(a=table("a", "b"), b=table("b", "c"), c=table("c", "a", "customers"))
    assert (fault.file, fault.path) == ("a.odcs.yaml", "schema[0].properties[1].relationships[0]")
    assert fault.what == "these tables wait for one another: a → b → c → a"
    assert "deferred: true" in fault.right


def test_every_cycle_is_named(faults: Faults) -> None:
    found = faults(a=table("a", "b"), b=table("b", "a"), c=table("c", "d"), d=table("d", "c"))
    assert [fault.file for fault in found] == ["a.odcs.yaml", "c.odcs.yaml"]


def test_a_deferred_reference_breaks_a_cycle(read: Read) -> None:
    contracts = read(a=table("a", "b", deferred=True), b=table("b", "a"))
    assert contracts["a"].references[0].deferred


def test_only_real_cycles_are_called_so(read: Read) -> None:
    seed = random.randrange(10**9)
    print(f"seed {seed}")
    chance = random.Random(seed)
    names = [f"t{number}" for number in range(30)]
    texts = {
        name: table(name, *chance.sample(names[:at], k=min(at, chance.randrange(4))))
        for at, name in enumerate(names)
    }
    contracts = read(**texts)
    assert sum(len(contracts[name].references) for name in names) > 10
