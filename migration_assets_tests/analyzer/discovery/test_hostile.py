"""Names and types that like to break what writes SQL or YAML: discovered, and moved as they are."""

from collections.abc import Callable
from pathlib import Path

import pytest

from migration_assets.planning.order import in_order
from migration_assets.tables.engine import TableMigration
from migration_assets_tests.analyzer.discovery.conftest import Shop

SOURCES = {
    "postgres": (
        'CREATE SCHEMA "Odd.Schema"',
        'CREATE TABLE "Odd.Schema"."a ""b"" 100%" ("select" int PRIMARY KEY, "a.b" text NOT NULL, '
        '"x%y" numeric(6,2) DEFAULT 1.5, "A" text, "a" text, "it\'s" date)',
        "INSERT INTO \"Odd.Schema\".\"a \"\"b\"\" 100%\" VALUES (1, 'x', 2.5, 'p', 'q', '2020-01-01')",
        'CREATE TABLE "user" ("order" bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "group" int[], '
        "iv interval, m money, r int4range, js jsonb DEFAULT '{}', "
        '"ref" int REFERENCES "Odd.Schema"."a ""b"" 100%" ("select"))',
        'INSERT INTO "user" ("group", iv, m, r, js, "ref") '
        "VALUES ('{1,2}', '1 day', '12.5', '[1,5)', '{\"a\": 1}', 1)",
        'CREATE TABLE "Schöne Grüße" (id int, "Straße" varchar(20), UNIQUE (id, "Straße"))',
        "INSERT INTO \"Schöne Grüße\" VALUES (1, 'ä'), (2, NULL)",
        "CREATE TABLE self (id int PRIMARY KEY, boss int REFERENCES self (id))",
        "INSERT INTO self VALUES (1, 2), (2, NULL)",
        "CREATE TYPE pair AS (a int, b text)",
        "CREATE TABLE typed (p pair, ps pair[])",
        "INSERT INTO typed VALUES ('(1,x)', '{\"(1,x)\"}')",
        "CREATE TABLE without_columns ()",
        'CREATE TABLE "123" ("1" int, " " int, "tab\tx" int, "line\nx" int)',
        'INSERT INTO "123" VALUES (1, 2, 3, 4)',
    ),
    "mysql": (
        "CREATE TABLE `100% sure``s` (`a%b` int PRIMARY KEY, `c``d` varchar(10) DEFAULT 'x', `e.f` time, "
        "`g h` set('a','b'), i bigint unsigned, j geometry, `k` decimal(30,10), l year, m varbinary(10))",
        "INSERT INTO `100% sure``s` VALUES (1, 'y', '-10:00:00', 'a,b', 18446744073709551615, "
        "ST_GeomFromText('POINT(1 2)'), 1.5, 2020, x'00ff')",
        "CREATE TABLE t2 (id int AUTO_INCREMENT PRIMARY KEY, `x.y` int, "
        "FOREIGN KEY (`x.y`) REFERENCES `100% sure``s` (`a%b`))",
        "INSERT INTO t2 VALUES (1, 1)",
    ),
    "sqlite": (
        'CREATE TABLE "a.b""c" ("x.y" INTEGER PRIMARY KEY, "it\'s", [br ack] TEXT, `ti``ck` REAL)',
        "INSERT INTO \"a.b\"\"c\" VALUES (1, 'v', 'w', 1.5), (2, 3, 'w', 2)",
        'CREATE TABLE "CON" (id TEXT PRIMARY KEY) WITHOUT ROWID',
        "INSERT INTO \"CON\" VALUES ('k')",
    ),
}
#: of each source: contracts, and rows that arrive
MOVED = {"postgres": (6, 8), "mysql": (2, 2), "sqlite": (2, 3)}


@pytest.mark.parametrize("kind", SOURCES)
def test_whatever_tables_are_called_they_are_moved(
    kind: str, request: pytest.FixtureRequest, new_database: Callable[[str], str], tmp_path: Path
) -> None:
    if kind == "mysql":
        source = request.getfixturevalue("new_mysql_database")("hostile")
    else:
        source = new_database("hostile") if kind == "postgres" else f"sqlite:///{tmp_path / 'hostile.db'}"
    shop = Shop(kind, source, new_database("target"), tmp_path)
    shop.change(*SOURCES[kind])
    found = shop.discover()
    assert not shop.discover().open
    rows = 0
    contracts = shop.loaded()
    for contract in in_order(contracts.values()):
        migration = TableMigration(contract, contracts, shop.environment)
        for stage in ("extract", "transform", "load"):
            report = getattr(migration, stage)("all", "run-1")
            assert report.refusal is None
        rows += report.rows
    assert (len(contracts), rows) == MOVED[kind]
    if kind == "postgres":
        assert "it has no columns" in {each.why for each in found.catalog.left_out}
        assert found.proposal is not None
        said = [remark.what for remark in found.proposal.remarks if remark.kind == "name"]
        assert said == ["its name has a line break in it, and no contract can say it"]
