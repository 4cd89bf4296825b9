from migration_assets.contracts.standard import findings
from migration_assets.contracts.yaml_text import read
from migration_assets_tests.contracts.example import CUSTOMERS, ORDERS


def test_a_contract_of_the_standard_has_no_findings() -> None:
    for text in (ORDERS, CUSTOMERS):
        assert findings(read(text.encode()).value) == []


def test_a_property_needs_no_logical_type() -> None:
    text = CUSTOMERS.replace("logicalType: integer", "physicalType: bigint")
    assert findings(read(text.encode()).value) == []


def test_a_map_needs_its_key_and_value() -> None:
    text = CUSTOMERS.replace("logicalType: integer", "logicalType: map")
    assert [finding.path[-1] for finding in findings(read(text.encode()).value)] == ["map"]


def test_what_is_no_mapping_is_a_finding() -> None:
    for value in (None, [], "text", 3):
        assert findings(value)
