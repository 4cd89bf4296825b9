import random
import time
from pathlib import Path

import pytest

from migration_assets.contracts.loader import load
from migration_assets.errors import ContractFaults
from migration_assets_tests.contracts.conftest import Faults, Read
from migration_assets_tests.contracts.example import CUSTOMERS, ORDERS


def test_contracts_are_found_by_name_in_folders_but_not_in_hidden_ones_and_waves(tmp_path: Path) -> None:
    for folder in ("", "shop/deep", ".git", "waves", "shop/.cache"):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
    (tmp_path / "shop/deep/orders.odcs.yaml").write_text(ORDERS)
    (tmp_path / "customers.odcs.yaml").write_text(CUSTOMERS)
    (tmp_path / "notes.yaml").write_text("not: a contract")
    for hidden in (".git/a.odcs.yaml", "waves/w.odcs.yaml", "shop/.cache/b.odcs.yaml", ".c.odcs.yaml"):
        (tmp_path / hidden).write_text("broken: [")
    contracts = load(tmp_path)
    assert sorted(contracts) == ["customers", "orders"]
    assert contracts["orders"].file == str(tmp_path / "shop/deep/orders.odcs.yaml")


def test_an_empty_folder_has_no_contracts(tmp_path: Path) -> None:
    assert load(tmp_path) == {}


def test_a_missing_folder_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(ContractFaults, match="MIGRATION_CONTRACTS"):
        load(tmp_path / "nowhere")


def test_all_faults_of_all_files_are_told_at_once(faults: Faults) -> None:
    found = faults(
        ("zero_dates: as_null", "zero_dats: as_null"),
        ("physicalType: varchar(10)", "physicalType: nvarchar(10)"),
        ("priority: 10", "priority: high"),
        ("to: [customers.id]", "to: [clients.id]"),
        ("indexes:\n        - {columns: [customer]}", "indexes:\n        - {columns: [custoner]}"),
        ("by: month, column: CREATED", "by: month, column: CENTS"),
        ("metric: nullValues, mustBeLessThan: 5", "metric: nullValue, mustBeLessThan: 5"),
        customers=CUSTOMERS.replace("name: id", "nam: id"),
        broken="a: [1\n",
        copied=CUSTOMERS.replace("kind: DataContract", "kind: DataContrat"),
    )
    told = {(fault.file, fault.path) for fault in found}
    migration, table = "customProperties[0].value", "schema[0]"
    assert {
        ("broken.odcs.yaml", ""),
        ("copied.odcs.yaml", "kind"),
        ("customers.odcs.yaml", f"{table}.properties[0].name"),
        ("customers.odcs.yaml", f"{table}.properties[0].nam"),
        ("orders.odcs.yaml", f"{migration}.zero_dats"),
        ("orders.odcs.yaml", f"{migration}.priority"),
        ("orders.odcs.yaml", f"{migration}.indexes[0].columns[0]"),
        ("orders.odcs.yaml", f"{migration}.partitions.column"),
        ("orders.odcs.yaml", f"{table}.properties[1].physicalType"),
        ("orders.odcs.yaml", f"{table}.properties[3].quality[0].metric"),
        ("orders.odcs.yaml", f"{table}.relationships[0].to"),
    } <= told


def test_a_fault_names_file_line_place_cause_and_remedy(faults: Faults) -> None:
    (fault,) = faults(("zero_dates: as_null", "zero_date: as_null"))
    line = ORDERS[: ORDERS.index("zero_dates")].count("\n") + 1
    assert str(fault) == (
        f"orders.odcs.yaml:{line}: customProperties[0].value.zero_date: `zero_date` is not known here. "
        "Did you mean `zero_dates`?"
    )


OWN = "customProperties[0].value"
COLUMN = "schema[0].properties"


@pytest.mark.parametrize(
    ("old", "new", "path", "what", "right"),
    [
        ("version: 2.1.0", "version: 2.10", "version", "the number 2.10 stands where text belongs", '"2.10"'),
        ("status: active", "statuss: active", "statuss", "not known", "`status`"),
        ("required: true", "required: yes", f"{COLUMN}[2].required", "", "`true` or `false`"),
        ("apiVersion: v3.2.0", "apiVersion: v3.3.0", "apiVersion", "`v3.3.0` is not known", "v3.2.0"),
        ("logicalType: number", "logicalType: numbr", f"{COLUMN}[3].logicalType", "", "`number`"),
        ("id: orders\n", "", "id", "it is missing", ""),
        ("to: customers.id", "to: customers", f"{COLUMN}[2].relationships[0].to", "names no column", ""),
        ("type: mysql", "type: mysequel", "servers[0].type", "not known", "`mysql`"),
        ("port: 3306\n", "port: 3306\n    file: x\n", "servers[0].file", "not known", ""),
        ("    host: old.example.com\n", "", "servers[0].host", "it is missing", ""),
        (
            "mustBeGreaterThan: 0.5",
            "mustBeGreaterThan: 0.5\n        mustBe: 1",
            "schema[0].quality[0]",
            "more than one of `mustBe`, `mustBeGreaterThan`",
            "Write one.",
        ),
        ("mustBeGreaterThan: 0.5", "dimension: accuracy", "schema[0].quality[0]", "none of `mustBe`", ""),
        ("GreaterThan: 0.5", "GreaterThan: few", "schema[0].quality[0].mustBeGreaterThan", "text", ""),
        ("name: orders-team", "name: [a]", "team.name", "a list stands where text belongs", ""),
        ("minimum: 0.05", "minimun: 0.05", f"{COLUMN}[3].logicalTypeOptions.minimun", "", "`minimum`"),
        ("kind: table", "kind: user", f"{OWN}.kind", "`user` are not there yet", "table"),
        ("kind: table", "kind: tabel", f"{OWN}.kind", "not known", "`table`"),
        ("      source: legacy\n", "", f"{OWN}.source", "it is missing", ""),
        ("mode: upsert", "mode: upset", f"{OWN}.load.mode", "not known", "`upsert`"),
        ("keep_generations: 5", "keep_generations: 0", f"{OWN}.keep_generations", "less", ""),
        ("by: month,", "by: mnth,", f"{OWN}.partitions.by", "not known", "`month`"),
        (", start: 2019-01-01", "", f"{OWN}.partitions.start", "it is missing", ""),
        ("end: 2020-01-01", "ends: 2020-01-01", f"{OWN}.partitions.ends", "", "`end`"),
        ("property: migration, value: {tls", "property: migrations, value: {tls",
         "servers[0].customProperties[0].property", "not read", "`migration`"),
        ("tls: require", "tls: none", f"servers[0].{OWN}.tls", "not known", "verify-ca"),
        ("identity: by default", "identity: sometimes",
         f"{COLUMN}[0].{OWN}.identity", "not known", "by default"),
        ("identity: by default", "identiy: always",
         f"{COLUMN}[0].{OWN}.identiy", "not known", "`identity`"),
        ("{to: customers.id}",
         "{to: customers.id, customProperties: [{property: migration, value: {late: 1}}]}",
         f"{COLUMN}[2].relationships[0].{OWN}.late", "not known", "`deferred`"),
    ],
)  # fmt: skip
def test_what_the_schemas_refuse_is_told_so_that_it_can_be_mended(
    faults: Faults, old: str, new: str, path: str, what: str, right: str
) -> None:
    found = faults((old, new))
    assert [fault.path for fault in found] == [path], [str(fault) for fault in found]
    assert what in found[0].what
    assert right in found[0].right
    assert found[0].line > 0


def test_a_long_value_is_not_repeated(faults: Faults) -> None:
    found = faults(("type: mysql", f"type: {'x' * 5000}"))
    assert all(len(str(fault)) < 1200 for fault in found)


def test_a_contract_without_migration_says_what_to_add(faults: Faults) -> None:
    start, end = CUSTOMERS.index("customProperties"), CUSTOMERS.index("schema:\n")
    (fault,) = faults(customers=CUSTOMERS[:start] + CUSTOMERS[end:])
    assert "`source` and `target`" in fault.right


def test_a_table_of_an_unreadable_file_is_not_called_missing(faults: Faults) -> None:
    found = faults(customers="a: [1\n")
    assert [fault.file for fault in found] == ["customers.odcs.yaml"]


def test_a_file_that_would_be_passed_over_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "orders.odcs.yml").write_text(ORDERS)
    with pytest.raises(ContractFaults, match=r"Name it orders\.odcs\.yaml"):
        load(tmp_path)


@pytest.mark.parametrize(
    "text", ["", "[]", "just words", "schema: [1, {properties: 3}]", "servers: {}\nschema: x"]
)
def test_a_document_of_any_shape_is_judged_without_stumbling(faults: Faults, text: str) -> None:
    assert any(fault.file == "odd.odcs.yaml" for fault in faults(odd=text or "~"))


def test_damage_anywhere_is_a_fault_or_a_contract_and_never_a_crash(read: Read) -> None:
    seed = random.randrange(10**9)
    print(f"seed {seed}")
    chance = random.Random(seed)
    lines = ORDERS.splitlines(keepends=True)
    for _ in range(150):
        changed = list(lines)
        for _ in range(chance.randrange(1, 4)):
            at = chance.randrange(len(changed))
            what = chance.randrange(3)
            if what == 0:
                del changed[at]
            elif what == 1:
                head, colon, _ = changed[at].partition(":")
                changed[at] = f"{head}{colon} {chance.choice(['[]', '{}', '1', 'x', '~', '[{a: b}]'])}\n"
            else:
                changed[at] = changed[chance.randrange(len(changed))]
        try:
            read(orders="".join(changed))
        except ContractFaults as refused:
            assert refused.faults  # noqa: PT017


def test_a_thousand_contracts_are_read_in_seconds(tmp_path: Path) -> None:
    head, _, properties = CUSTOMERS.rpartition("    properties:\n")
    for number in range(200):
        columns = "".join(
            f"      - {{name: c{at}, logicalType: string, transformSourceObjects: [t{number}.C{at}]}}\n"
            for at in range(19)
        )
        text = head.replace("customers", f"t{number}") + "    properties:\n" + properties + columns
        (tmp_path / f"t{number}.odcs.yaml").write_text(text)
    began = time.perf_counter()
    assert len(load(tmp_path)) == 200
    seconds = time.perf_counter() - began
    print(f"200 contracts of 20 columns in {seconds:.2f} s")
    assert seconds < 3
