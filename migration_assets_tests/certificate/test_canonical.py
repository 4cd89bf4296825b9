"""Canonical JSON."""

import json

import pytest

from migration_assets.certificate.canonical import LARGEST, canonical


def test_names_are_ordered_by_utf16_and_nothing_is_escaped_that_need_not_be() -> None:
    # the emoji is two surrogates, which come before U+FB33 in UTF-16 and after it in code points
    names = {"ﬤ": 1, "😀": 2, "é": 3, "\r": 4, "1": 5, "€": 6, "\x80": 7}
    assert list(json.loads(canonical(names))) == ["\r", "1", "\x80", "é", "€", "😀", "ﬤ"]
    assert (
        canonical('\x01\x1f\x7f\b\t\n\f\r"\\/é\u2028')
        == '"\\u0001\\u001f\x7f\\b\\t\\n\\f\\r\\"\\\\/é\u2028"'.encode()
    )


def test_every_value_is_written_in_one_way() -> None:
    assert (
        canonical({"b": [1, -2, None], "a": {"y": True, "x": ()}})
        == b'{"a":{"x":[],"y":true},"b":[1,-2,null]}'
    )


@pytest.mark.parametrize("value", [1.5, LARGEST + 1, -LARGEST - 1, "\ud800", b"bytes", [object()]])
def test_what_has_no_one_way_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"form|number|surrogates"):
        canonical(value)  # type: ignore[arg-type]
