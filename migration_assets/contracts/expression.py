"""Expressions of `transformLogic`: DuckDB's SQL, read by DuckDB itself."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb

#: what an expression can be made of when a row's result comes from the row alone
_PLAIN = {
    "BETWEEN",
    "CASE",
    "CAST",
    "COLUMN_REF",
    "COMPARISON",
    "CONJUNCTION",
    "CONSTANT",
    "FUNCTION",
    "OPERATOR",
    "TYPE",
}


def column_references(expression: str) -> tuple[str, ...]:
    """The columns that the expression names, each once, in order.

    ValueError, with DuckDB's own words, when it is no expression.
    """
    return tuple(dict.fromkeys(str(node["column_names"][-1]) for node in _columns(_tree(expression))))


def repeatable(expression: str) -> bool:
    """Whether rows with equal values in the columns that it names have an equal result: no subquery,
    no aggregate, no star, no lambda, and only functions that DuckDB calls consistent, or that it writes
    out in such ones."""
    for node in _nodes(_tree(expression)):
        if node.get("class", "TYPE") not in _PLAIN:
            return False
        if node.get("class") == "FUNCTION" and not _same_always(node["function_name"].lower()):
            return False
        if node.get("class") == "COLUMN_REF" and len(node["column_names"]) > 1:
            return False
    return True


def refused(expression: str, fields: Mapping[str, str]) -> str:
    """Why DuckDB makes no text of fields of these types by the expression; empty: it does."""
    import duckdb

    typed = ", ".join(f'CAST(NULL AS {kind}) AS "{name}"' for name, kind in fields.items())
    with _parser().cursor() as parser:
        try:
            parser.execute(f"SELECT CAST(({expression}) AS VARCHAR) FROM (SELECT {typed}) WHERE false")  # noqa: S608 - nothing but the contract's own text
        except duckdb.Error as error:
            return str(error).splitlines()[0]
    return ""


def _tree(expression: str) -> Any:
    statement = f"SELECT {expression}"
    with _parser().cursor() as parser:
        text = parser.execute("SELECT json_serialize_sql(?)", [statement]).fetchone()
    tree = json.loads(text[0] if text else "{}")
    if tree.get("error") or len(tree.get("statements", ())) != 1:
        raise ValueError(str(tree.get("error_message") or "it is not one expression").splitlines()[0])
    node = tree["statements"][0]["node"]
    if len(node.get("select_list", ())) != 1 or node.get("from_table", {}).get("type") != "EMPTY":
        raise ValueError("it is not one expression")
    return node["select_list"][0]


@cache
def _parser() -> "duckdb.DuckDBPyConnection":
    """Opened once, as that takes 15 ms; with one thread, so that a fork of the process cannot hang.
    Imported here, as contracts without expressions do not need it."""
    import duckdb

    return duckdb.connect(config={"threads": 1})


@cache
def _consistent() -> frozenset[str]:
    """Names of scalar functions none of whose forms gives another result for the same arguments."""
    with _parser().cursor() as parser:
        rows = parser.execute(
            "SELECT function_name FROM duckdb_functions() GROUP BY function_name "
            "HAVING bool_and(function_type = 'scalar' AND stability = 'CONSISTENT')"
        ).fetchall()
    return frozenset(str(row[0]).lower() for row in rows)


@cache
def _same_always(function: str) -> bool:
    if function in _consistent():
        return True
    with _parser().cursor() as parser:
        written_out = parser.execute(
            "SELECT DISTINCT CASE WHEN function_type = 'macro' THEN macro_definition END "
            "FROM duckdb_functions() WHERE function_name = ?",
            [function],
        ).fetchall()
    return bool(written_out) and all(text is not None and repeatable(text) for (text,) in written_out)


def _columns(tree: Any) -> Iterator[Any]:
    return (node for node in _nodes(tree) if node.get("class") == "COLUMN_REF")


def _nodes(part: Any) -> Iterator[Any]:
    """All objects of the tree, each before what is in it."""
    if isinstance(part, dict):
        yield part
        for inner in part.values():
            yield from _nodes(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _nodes(inner)
