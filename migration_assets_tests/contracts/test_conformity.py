"""The compiled schema and `jsonschema` are of one mind, also about documents that are wrong."""

import copy
import json
import random
from importlib.resources import files
from typing import Any

import pytest
from jsonschema.validators import validator_for

from migration_assets.contracts.conformity import UnknownKeywordError, compiled
from migration_assets.contracts.yaml_text import read
from migration_assets_tests.contracts.example import CUSTOMERS, ORDERS

STANDARD = json.loads((files("open_data_contract_standard") / "schema.json").read_text("utf-8"))
OWN = json.loads((files("migration_assets.contracts") / "migration_schema.json").read_text("utf-8"))
ODDITIES: list[Any] = [None, True, 0, 1, -1, 0.5, "", "x", "a.b", "sql", [], ["a", "a"], {}, {"x": 1}, [{}]]
NAMES = ["name", "type", "metric", "mustBe", "query", "logicalType", "to", "from", "server", "by", "column"]


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) of the document."""
    found: list[tuple[Any, Any]] = []
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inner:
        found.append((value, key))
        found += places(part)
    return found


def mutated(document: Any, chance: random.Random) -> Any:
    changed = copy.deepcopy(document)
    for _ in range(chance.randrange(1, 3)):
        container, key = chance.choice(places(changed))
        what = chance.randrange(4)
        if what == 0:
            del container[key]
        elif what == 1 and isinstance(container, dict):
            container[chance.choice(NAMES)] = copy.deepcopy(chance.choice(ODDITIES))
        elif what == 2:
            other, other_key = chance.choice(places(changed))
            container[key] = copy.deepcopy(other[other_key])
        else:
            container[key] = copy.deepcopy(chance.choice(ODDITIES))
        if not places(changed):
            break
    return changed


def own(place: str) -> Any:
    return {**OWN, "$ref": f"#/$defs/{place}"}


def migration_of(document: Any) -> Any:
    return document["customProperties"][0]["value"]


@pytest.mark.parametrize(
    ("schema", "documents"),
    [
        (STANDARD, [read(text.encode()).value for text in (ORDERS, CUSTOMERS)]),
        (own("contract"), [migration_of(read(ORDERS.encode()).value)]),
        (own("partitions"), [{"by": "key", "rows": 5}, {"by": "value", "column": "a", "values": ["b", 1]}]),
        (own("property"), [{"default": "x", "identity": "always", "check": "a > 1"}]),
        (own("relationship"), [{"deferred": True}]),
    ],
)
def test_the_quick_verdict_is_that_of_jsonschema(schema: Any, documents: list[Any]) -> None:
    seed = random.randrange(10**9)
    print(f"seed {seed}")
    chance = random.Random(seed)
    validator, conforms = validator_for(schema)(schema), compiled(schema)
    verdicts = {True: 0, False: 0}
    for document in documents:
        assert conforms(document)
        assert validator.is_valid(document)
        for _ in range(120):
            changed = mutated(document, chance)
            verdict = conforms(changed)
            verdicts[verdict] += 1
            assert verdict == validator.is_valid(changed), json.dumps(changed, default=str)
    print(verdicts)
    assert verdicts[False] > 20


def test_values_that_are_no_mapping_are_judged_too() -> None:
    for value in ODDITIES:
        assert compiled(STANDARD)(value) == validator_for(STANDARD)(STANDARD).is_valid(value)


@pytest.mark.parametrize(
    "schema",
    [
        {"dependentRequired": {"a": ["b"]}},
        {"$ref": "https://example.com/schema"},
        {"enum": [1]},
        {"unevaluatedProperties": {"type": "string"}},
    ],
)
def test_a_keyword_that_is_not_compiled_is_never_passed_over(schema: Any) -> None:
    with pytest.raises(UnknownKeywordError):
        compiled(schema)
