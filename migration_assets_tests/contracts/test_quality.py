import pytest

from migration_assets_tests.contracts.conftest import Faults, Read
from migration_assets_tests.contracts.example import ORDERS

NOTE = ORDERS + "        quality:\n"


@pytest.mark.parametrize(
    ("rules", "names"),
    [
        (["{metric: nullValues, mustBe: 0}", "{metric: nullValues, mustBe: 1}"],
         ["note_null_values", "note_null_values_2"]),
        (["{type: sql, query: SELECT 1, mustBe: 0}", "{type: sql, query: SELECT 2, mustBe: 0}"],
         ["rule_1", "rule_2"]),
        (["{name: Ärger & Co., metric: nullValues, mustBe: 0}"], ["rger_co"]),
        (["{name: count, metric: nullValues, mustBe: 0}"], ["count_2"]),
        (["{name: some orders, metric: nullValues, mustBe: 0}"], ["some_orders_2"]),
    ],
)  # fmt: skip
def test_each_rule_has_a_name_that_no_other_has(read: Read, rules: list[str], names: list[str]) -> None:
    text = NOTE + "".join(f"          - {rule}\n" for rule in rules)
    assert [rule.name for rule in read(orders=text)["orders"].column("note").quality] == names


@pytest.mark.parametrize(
    ("severity", "blocking"),
    [("error", True), ("Error", True), ("warning", False), ("info", False), ("low", False)],
)
def test_only_an_error_blocks(read: Read, severity: str, blocking: bool) -> None:
    text = NOTE + f"          - {{metric: nullValues, mustBe: 0, severity: {severity}}}\n"
    assert read(orders=text)["orders"].column("note").quality[0].blocking is blocking


@pytest.mark.parametrize(
    "rule", ["{type: text, description: good}", "{type: custom, engine: x, implementation: y}"]
)
def test_prose_and_other_engines_rules_are_not_ours(read: Read, rule: str) -> None:
    assert read(orders=NOTE + f"          - {rule}\n")["orders"].column("note").quality == ()


def test_a_rule_that_says_nothing_is_a_fault(faults: Faults) -> None:
    (fault,) = faults(orders=NOTE + "          - {name: good, description: All is well.}\n")
    assert "nothing that can be judged" in fault.what


def test_a_rule_over_columns_that_are_not_there_is_a_fault(faults: Faults) -> None:
    (fault,) = faults(("[code, client]", "[code, clint]"))
    assert fault.path == "schema[0].quality[3].arguments.properties[1]"
    assert "`client`" in fault.right
