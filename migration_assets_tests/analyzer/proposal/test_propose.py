"""Whole proposals from catalogs without rows."""

from migration_assets.analyzer.catalog.model import ForeignKey, Index, UniqueKey
from migration_assets.analyzer.proposal.model import ProposedTable
from migration_assets.contracts.model import TableName
from migration_assets_tests.analyzer.proposal.tables import catalog, column, proposed, table

ORDERS = table(
    "orders",
    column("id", nullable=False),
    "customer_id",
    primary_key=("id",),
    foreign_keys=(ForeignKey("f", ("customer_id",), TableName("public", "customer"), ("id",)),),
)
CUSTOMER = table("customer", column("id", nullable=False), primary_key=("id",))


def only(found: tuple[ProposedTable, ...], name: str) -> ProposedTable:
    return next(each for each in found if each.name == name)


def test_a_declared_reference_makes_order_and_waves() -> None:
    found = proposed(catalog(ORDERS, CUSTOMER))
    assert found.waves == (("customer",), ("orders",))
    assert only(found.tables, "customer").priority > only(found.tables, "orders").priority


def test_references_that_no_contract_can_have_are_named() -> None:
    keys = (
        ForeignKey("away", ("a",), TableName("public", "elsewhere"), ("id",)),
        ForeignKey("loose", ("a",), TableName("public", "customer"), ("note",)),
        ForeignKey("unlike", ("t",), TableName("public", "customer"), ("id",)),
    )
    child = table("child", "a", column("t", "text"), foreign_keys=keys)
    parent = table("customer", "id", column("note"), primary_key=("id",))
    found = only(proposed(catalog(child, parent)).tables, "child")
    assert found.references == ()
    said = [remark.what for remark in found.remarks if remark.kind == "reference"]
    assert [word in line for word, line in zip(("away", "loose", "unlike"), said, strict=True)] == [True] * 3


def test_a_number_that_refers_to_a_counter_takes_its_type() -> None:
    unsigned = {"declared": "bigint unsigned", "carries": "numeric(20,0)"}
    parent = table("a", column("id", **unsigned, identity="by default"), primary_key=("id",))
    keys = (ForeignKey("f", ("a_id",), TableName("public", "a"), ("id",)),)
    child = table("b", column("a_id", **unsigned), foreign_keys=keys)
    found = proposed(catalog(parent, child, backend="mysql"))
    assert [each.columns[0].type for each in found.tables] == ["bigint", "bigint"]
    assert len(only(found.tables, "b").references) == 1


def test_a_reference_that_nobody_declared_is_only_suggested() -> None:
    child = table("orders", "id", "customer_id", primary_key=("id",))
    found = only(proposed(catalog(child, CUSTOMER)).tables, "orders")
    assert found.references == ()
    assert [(each.columns, each.parent) for each in found.suggested] == [(("customer_id",), "customer")]
    assert "100 of 100" in found.suggested[0].why
    for missing in ((50, 100), (0, 0)):
        found = only(proposed(catalog(child, CUSTOMER), missing).tables, "orders")
        assert found.suggested == ()


def test_names_that_differ_in_case_or_schema_get_contracts_of_their_own() -> None:
    found = proposed(
        catalog(
            table("Item", "id"),
            table("item", "id"),
            table("item", column("id"), column("ID"), schema="other"),
        )
    )
    names = [each.name for each in found.tables]
    assert len({name.casefold() for name in names}) == 3
    assert [str(each.target) for each in found.tables] == ["public.Item", "public.item", "other.item"]
    assert [remark.kind for remark in found.remarks if remark.table == "other.item"] == [
        "name collision",
        "no key",
    ]


def test_long_names_are_shortened_and_still_differ() -> None:
    long = "ä" * 40
    found = proposed(catalog(table(long + "1", column(long + "x"), column(long + "y"))))
    made = found.tables[0]
    names = [made.target.name, *(each.name for each in made.columns)]
    assert len(set(names)) == 3
    assert all(len(name.encode()) <= 63 for name in names)
    assert [each.source.name for each in made.columns] == [long + "x", long + "y"]
    assert sum(remark.kind == "long name" for remark in found.remarks) == 3


def test_indexes_that_postgres_cannot_have_are_named() -> None:
    documents = table(
        "t",
        "a",
        column("d", "json"),
        primary_key=("a",),
        uniques=(UniqueKey("u", ("d",)),),
        indexes=(
            Index("fine", ("a", "a")),
            Index("of_json", ("d",)),
            Index("full", (), method="fulltext"),
            Index("gin", ("a",), method="gin"),
            Index("part", ("a",), unique=True, condition="a > 3"),
        ),
    )
    found = proposed(catalog(documents)).tables[0]
    assert (found.indexes, found.unique) == (((("a", "a"), False),), ())
    kinds = [remark.kind for remark in found.remarks]
    assert (kinds.count("index"), kinds.count("unique index")) == (3, 1)


def test_a_computed_column_arrives_as_plain_values_and_says_so() -> None:
    found = proposed(catalog(table("t", column("a", generated="b * 2"), primary_key=("a",))))
    assert [remark.kind for remark in found.remarks] == ["generated"]
    assert found.tables[0].columns[0].default is None
