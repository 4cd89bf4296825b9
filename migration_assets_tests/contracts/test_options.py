import pytest

from migration_assets_tests.contracts.conftest import Faults, Read
from migration_assets_tests.contracts.example import ORDERS


def noted(physical: str, said: str, logical: str = "") -> str:
    text = ORDERS.replace("name: note\n        logicalType: string", "name: note")
    kind = f"        logicalType: {logical}\n" if logical else ""
    return text + f"        physicalType: {physical}\n{kind}        {said}\n"


@pytest.mark.parametrize(
    ("physical", "said"),
    [
        ("int", "logicalTypeOptions: {minimum: 1, maximum: 2, multipleOf: 0.5}"),
        ("date", "logicalTypeOptions: {minimum: 2019-01-01}"),
        ("timestamptz", "logicalTypeOptions: {exclusiveMaximum: '2019-01-01T00:00:00Z'}"),
        ("time", "logicalTypeOptions: {minimum: '05:00'}"),
        ("text", "logicalTypeOptions: {minLength: 1, maxLength: 5, pattern: '^[a-z]+$', format: email}"),
        ("int", "enum: [{value: 1}, {value: '02'}]"),
        ("numeric(5,2)", "enum: [{value: 1.50}]"),
        ("boolean", "enum: [{value: true}]"),
        ("date", "enum: [{value: 2019-01-01}]"),
        ("mood", "enum: [{value: glad}]"),
        ("text", "enum: [{value: null}, {value: x}]"),
    ],
)
def test_limits_that_fit_the_type_are_taken(read: Read, physical: str, said: str) -> None:
    assert read(orders=noted(physical, said))["orders"].column("note").type == physical


@pytest.mark.parametrize(
    ("physical", "said", "path", "words"),
    [
        ("int", "logicalTypeOptions: {minimum: one}", "logicalTypeOptions.minimum", "is no number"),
        (
            "int",
            "logicalTypeOptions: {minimum: 5, maximum: 1}",
            "logicalTypeOptions.maximum",
            "between 5 and 1",
        ),
        ("int", "logicalTypeOptions: {multipleOf: 0}", "logicalTypeOptions.multipleOf", "multiple"),
        ("int", "logicalTypeOptions: {maxLength: 3}", "logicalTypeOptions.maxLength", "no length of a int"),
        ("int", "logicalTypeOptions: {pattern: x}", "logicalTypeOptions.pattern", "for text"),
        ("text", "logicalTypeOptions: {minimum: 3}", "logicalTypeOptions.minimum", "a text has no minimum"),
        ("text", "logicalTypeOptions: {pattern: '['}", "logicalTypeOptions.pattern", "no regular expression"),
        ("text", "logicalTypeOptions: {maxLength: -1}", "logicalTypeOptions.maxLength", "no length"),
        (
            "text",
            "logicalTypeOptions: {minLength: 3, maxLength: 1}",
            "logicalTypeOptions.maxLength",
            "between",
        ),
        ("text", "logicalTypeOptions: {maxLenght: 3}", "logicalTypeOptions.maxLenght", "not known"),
        ("date", "logicalTypeOptions: {minimum: 5}", "logicalTypeOptions.minimum", "is no date"),
        ("date", "logicalTypeOptions: {minimum: 2019-02-30}", "logicalTypeOptions.minimum", "is no date"),
        ("timestamp", "logicalTypeOptions: {minimum: soon}", "logicalTypeOptions.minimum", "is no timestamp"),
        ("boolean", "logicalTypeOptions: {minimum: 0}", "logicalTypeOptions.minimum", "has no minimum"),
        ("int", "enum: [{value: 1}, {value: one}]", "enum[1].value", "`one` is no value of the type int"),
        ("boolean", "enum: [{value: 2}]", "enum[0].value", "no value of the type boolean"),
        ("date", "enum: [{value: 01.02.2019}]", "enum[0].value", "no value of the type date"),
        ("varchar(2)", "enum: [{value: abc}]", "enum[0].value", "longer than varchar(2)"),
        ("uuid", "enum: [{value: abc}]", "enum[0].value", "no value of the type uuid"),
    ],
)
def test_limits_that_could_never_hold_are_faults(
    faults: Faults, physical: str, said: str, path: str, words: str
) -> None:
    (fault,) = faults(orders=noted(physical, said))
    assert fault.path == f"schema[0].properties[5].{path}"
    assert words in fault.what
