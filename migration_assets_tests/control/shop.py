"""Three contracts that need neither files nor databases: customers, their orders, and countries."""

from dataclasses import replace

from migration_assets.contracts.model import ByValue, Column, Contract, Reference, Server, TableName

CUSTOMERS = Contract(
    name="customers",
    version="1.0.0",
    digest="c" * 64,
    file="customers.odcs.yaml",
    source=Server("legacy", "sqlite"),
    target=Server("cloud", "postgres", "public"),
    source_table=TableName(None, "kunden"),
    target_table=TableName("public", "customers"),
    columns=(Column("id", "bigint", sources=("id",)), Column("region", "text", sources=("region",))),
    primary_key=("id",),
)
ORDERS = replace(
    CUSTOMERS,
    name="orders",
    source_table=TableName(None, "auftrag"),
    target_table=TableName("public", "orders"),
    references=(Reference(("id",), "customers", ("id",)),),
    partitioning=ByValue("region", ("a", "b", "c", "d")),
)
COUNTRIES = replace(
    CUSTOMERS,
    name="countries",
    priority=5,
    source_table=TableName(None, "land"),
    target_table=TableName("public", "countries"),
)
CONTRACTS = {contract.name: contract for contract in (CUSTOMERS, ORDERS, COUNTRIES)}
