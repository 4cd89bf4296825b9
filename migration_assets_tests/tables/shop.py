"""The one shop that the tests of the tables move: an old database, a new one, and its contracts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg2

from migration_assets.contracts.model import Column, Contract, Quality, Reference, Server, TableName
from migration_assets.tables.engine import StageReport, TableMigration

LEGACY = Server("legacy", "postgres")
CLOUD = Server("cloud", "postgres")

OLD_TABLES = (
    "CREATE TABLE custmast (custno int PRIMARY KEY, custnm char(12), d8 char(8), cents bigint, flag char(1), "
    "changed timestamp(3), region text)",
    "INSERT INTO custmast SELECT i, ' Name ' || i, to_char(date '2020-01-01' + i, 'YYYYMMDD'), i * 7, "
    "CASE WHEN i % 2 = 0 THEN 'Y' ELSE 'N' END, timestamp '2020-01-01 10:00' + i * interval '1 day', "
    "CASE i % 3 WHEN 0 THEN 'north' WHEN 1 THEN E'so\\tuth\\\\' END FROM generate_series(1, 100) i",
    "CREATE TABLE ordhdr (ordno bigint, custno int, note text)",
    "INSERT INTO ordhdr SELECT i, 1 + i % 100, CASE WHEN i % 5 > 0 THEN 'n' || i END FROM generate_series(1, 300) i",
)


def contract(name: str, table: str, **said: Any) -> Contract:
    """Of a table of the shop to another one of `name`."""
    return Contract(
        name=name,
        version="1.0.0",
        digest=sha256(name.encode()).hexdigest(),
        file=f"{name}.odcs.yaml",
        source=LEGACY,
        target=CLOUD,
        source_table=TableName(None, table),
        target_table=TableName("shop", name),
        **said,
    )


CUSTOMERS = contract(
    "customers",
    "custmast",
    columns=(
        Column("id", "integer", sources=("custno",), required=True),
        Column("name", "text", expression="trim(custnm)", classification="confidential"),
        Column("since", "date", expression="strptime(d8, '%Y%m%d')::DATE", options={"minimum": "2019-01-01"}),
        Column("balance", "numeric(12,2)", expression="cents / 100.0", options={"minimum": 0}),
        Column(
            "active",
            "boolean",
            expression="CASE flag WHEN 'Y' THEN true WHEN 'N' THEN false END",
            required=True,
        ),
        Column("changed", "timestamp(3)", sources=("changed",)),
        Column("region", "text", sources=("region",)),
    ),
    primary_key=("id",),
)

ORDERS = contract(
    "orders",
    "ordhdr",
    columns=(
        Column("id", "bigint", sources=("ordno",), required=True),
        Column("customer_id", "integer", sources=("custno",)),
        Column("note", "text", sources=("note",)),
    ),
    primary_key=("id",),
    references=(Reference(("customer_id",), "customers", ("id",)),),
)

NO_NEGATIVE = Quality(
    "no_negative",
    "sql",
    True,
    "No balance is negative.",
    "mustBe",
    0,
    "SELECT count(*) FROM {object} WHERE balance < 0",
)


@dataclass
class Shop:
    """Both databases, and a folder for contracts and staging."""

    old: str
    new: str
    folder: Path
    contracts: dict[str, Contract] = field(default_factory=dict)

    def contract(self, contract: Contract, **changes: Any) -> Contract:
        """Puts the contract, with changes, among the shop's."""
        changed = replace(contract, **changes)
        changed = replace(changed, file=str(self.folder / changed.file))
        self.contracts[changed.name] = changed
        return changed

    @property
    def environment(self) -> dict[str, str]:
        return {
            "LEGACY_URL": self.old,
            "CLOUD_URL": self.new,
            "MIGRATION_STAGING": str(self.folder / "staging"),
        }

    def migration(self, name: str) -> TableMigration:
        return TableMigration(self.contracts[name], self.contracts, self.environment)

    def run(self, name: str, partition: str = "all", run_id: str = "run-1") -> list[StageReport]:
        """All three stages, up to the first refusal."""
        migration, reports = self.migration(name), []
        for stage in (migration.extract, migration.transform, migration.load):
            reports.append(stage(partition, run_id))
            if reports[-1].refusal is not None:
                break
        return reports

    def ask_old(self, *statements: str) -> list[tuple[Any, ...]]:
        return ask(self.old, statements)

    def ask_new(self, *statements: str) -> list[tuple[Any, ...]]:
        return ask(self.new, statements)


def ask(url: str, statements: Sequence[str]) -> list[tuple[Any, ...]]:
    """Runs the statements, each committed, and returns the rows of the last one."""
    connection = psycopg2.connect(url)
    connection.autocommit = True
    rows: list[tuple[Any, ...]] = []
    try:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
                rows = cursor.fetchall() if cursor.description else []
    finally:
        connection.close()
    return rows


def open_shop(new_database: Callable[[str], str], folder: Path) -> Shop:
    """A shop with both old tables filled and nothing moved yet."""
    shop = Shop(new_database("old"), new_database("new"), folder)
    shop.ask_old(*OLD_TABLES)
    shop.contract(CUSTOMERS)
    shop.contract(ORDERS)
    return shop
