"""Canonical JSON: one value, one sequence of bytes, as RFC 8785 (JSON Canonicalization Scheme) writes it.

A signature is over bytes. With one way to write a value, another blank, another escape or another order
of names is a changed file, and every program that knows the RFC writes the same bytes. Only what a
certificate holds is written: no floating point number (the one hard part of the RFC), and no whole number
beyond 2**53 - 1, which a JSON reader may round; fingerprints are text.
"""

import json
from collections.abc import Mapping, Sequence

Json = None | bool | int | str | Sequence["Json"] | Mapping[str, "Json"]

LARGEST = (1 << 53) - 1


def canonical(value: Json) -> bytes:
    """ValueError for what has no canonical form here: a float, a larger number, half a surrogate pair."""
    return "".join(_written(value)).encode("utf-8")


def _written(value: Json) -> list[str]:
    match value:
        case None | bool() | str():
            # json's escapes are the RFC's: \b \t \n \f \r, \u00xx in small letters, nothing else
            return [json.dumps(value, ensure_ascii=False)]
        case int():
            if abs(value) > LARGEST:
                raise ValueError("a number beyond 2**53 - 1")
            return [str(value)]
        case Mapping():
            # the RFC orders names by UTF-16 code units
            names = sorted(value, key=lambda name: name.encode("utf-16-be"))
            parts = [
                ["," if at else "", *_written(name), ":", *_written(value[name])]
                for at, name in enumerate(names)
            ]
            return ["{", *(text for part in parts for text in part), "}"]
        case list() | tuple():
            parts = [["," if at else "", *_written(each)] for at, each in enumerate(value)]
            return ["[", *(text for part in parts for text in part), "]"]
        case _:
            raise ValueError(f"{type(value).__name__} has no canonical form")
