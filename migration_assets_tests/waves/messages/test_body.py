"""Whatever a sender writes: JSON of any layout is the same wave as YAML."""

import json

import pytest

from migration_assets.waves.document import parsed
from migration_assets.waves.messages.body import wave_text

SAID = {
    "name": "crm",
    "version": 2,
    "contracts": ["customers"],
    "description": "déjà\u2028vu \U0001f600 \x7f a/b",
}


def wave(body: str):
    return parsed(wave_text(body), "message 1")


@pytest.mark.parametrize(
    "body",
    [
        json.dumps(SAID),
        json.dumps(SAID, ensure_ascii=False),
        json.dumps(SAID, indent="\t"),
        json.dumps(SAID, separators=(",", ":")).replace("/", "\\/"),
        json.dumps(SAID, indent=2).replace("\n", "\r\n"),
        json.dumps({"Type": "Notification", "TopicArn": "arn:aws:sns:::waves", "Message": json.dumps(SAID)}),
        "# the first one\nname: crm\nversion: 2\ncontracts:\n- customers\n"
        'description: "déjà\\u2028vu \U0001f600 \\x7f a/b"\n',
    ],
)
def test_a_wave_is_the_same_as_json_in_any_layout_in_an_envelope_and_as_yaml(body: str) -> None:
    found = wave(body)

    assert (found.name, found.version, found.contracts) == ("crm", 2, ("customers",))
    assert found.description == SAID["description"]
    assert found.digest == wave(json.dumps(SAID)).digest


def test_an_envelope_may_hold_yaml() -> None:
    envelope = {"Type": "Notification", "TopicArn": "arn", "Message": "name: crm\ntags: [wave_1]\n"}

    assert wave(json.dumps(envelope)).tags == ("wave_1",)


def test_a_partition_key_stays_as_it_was_written_in_json() -> None:
    body = '{"name": "crm", "contracts": ["customers"], "partitions": {"from": 1.10, "to": 2}}'

    assert "1.10" in str(wave(body).partitions)


@pytest.mark.parametrize("body", ["", "no wave", '"text"', "[1]", "{", '{"a": 1, "a": 2}', "[" * 100_000])
def test_what_is_no_object_is_left_to_the_reader_of_yaml(body: str) -> None:
    assert wave_text(body) == body.encode()
