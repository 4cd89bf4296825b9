"""Expressions of `transformLogic`: DuckDB's SQL, read by DuckDB itself."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import duckdb


def column_references(expression: str) -> tuple[str, ...]:
    """The columns that the expression names, each once, in order.

    ValueError, with DuckDB's own words, when it is no expression.
    """
    statement = f"SELECT {expression}"
    with _parser().cursor() as parser:
        text = parser.execute("SELECT json_serialize_sql(?)", [statement]).fetchone()
    tree = json.loads(text[0] if text else "{}")
    if tree.get("error") or len(tree.get("statements", ())) != 1:
        raise ValueError(str(tree.get("error_message") or "it is not one expression").splitlines()[0])
    node = tree["statements"][0]["node"]
    if len(node.get("select_list", ())) != 1 or node.get("from_table", {}).get("type") != "EMPTY":
        raise ValueError("it is not one expression")
    return tuple(dict.fromkeys(_columns(node["select_list"])))


@cache
def _parser() -> duckdb.DuckDBPyConnection:
    """Opened once, as that takes 15 ms; with one thread, so that a fork of the process cannot hang."""
    return duckdb.connect(config={"threads": 1})


def _columns(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if node.get("class") == "COLUMN_REF":
            yield str(node["column_names"][-1])
        for part in node.values():
            yield from _columns(part)
    elif isinstance(node, list):
        for part in node:
            yield from _columns(part)
