"""Columns by their distinct values, so that what is made of a value is made once for all of its rows.

A column is an array of strings, or a dictionary of them with NULL as one of its values (indices are
never null). A dictionary may say the same value twice.
"""

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

import numpy as np
import pyarrow as pa

from migration_assets.tables import copy_text
from migration_assets.tables.copy_text import NULL, pc

#: a column goes by its distinct values when each stands for this many rows, or more
ROWS_EACH = 4
#: bytes of a value, on an average, from which on it is not worth the memory
WIDE = 1000


def by_distinct(column: pa.Array) -> pa.Array:
    """The column by its distinct values when they are few, else as it is."""
    if len(column) < ROWS_EACH or column.nbytes > WIDE * len(column):
        return column
    made = column.dictionary_encode(null_encoding="encode")
    return made if len(made.dictionary) * ROWS_EACH <= len(column) else column


def values(column: pa.Array) -> pa.Array:
    """The values that stand for all rows: the distinct ones, or those of each row."""
    return column.dictionary if is_dictionary(column) else column


def again(column: pa.Array, made: pa.Array) -> pa.Array:
    """A column of what was made of `values(column)`, one by one."""
    if not is_dictionary(column) or made is column.dictionary:
        return made if not is_dictionary(column) else column
    return pa.DictionaryArray.from_arrays(column.indices, made, safe=False)


def rows(column: pa.Array) -> pa.Array:
    """The column row by row."""
    return column.dictionary.take(column.indices) if is_dictionary(column) else column


def places(column: pa.Array, found: Mapping[int, str]) -> Mapping[int, str]:
    """By row, what was found by the place in `values(column)`."""
    if not found or not is_dictionary(column):
        return found
    indices = column.indices.to_numpy()
    of = np.flatnonzero(np.isin(indices, list(found)))
    return {int(row): found[int(indices[row])] for row in of}


def is_dictionary(column: pa.Array) -> bool:
    return isinstance(column, pa.DictionaryArray)


def combined(columns: Sequence[pa.Array]) -> tuple[np.ndarray[Any, Any], list[pa.Array]] | None:
    """The combinations of values that rows of these columns have: for each row the number of its own,
    and the columns of the distinct ones. None when they are too many, or a column is no dictionary."""
    if not columns or not all(map(is_dictionary, columns)):
        return None
    sizes = [len(column.dictionary) for column in columns]
    if len(columns) == 1:
        return columns[0].indices.to_numpy(), [columns[0].dictionary]
    if prod(sizes) > max(len(columns[0]), 1):
        return None
    codes = columns[0].indices.to_numpy().astype(np.int64)
    for size, column in zip(sizes[1:], columns[1:], strict=True):
        codes = codes * size + column.indices.to_numpy()
    there = np.zeros(prod(sizes), bool)
    there[codes] = True
    found = np.flatnonzero(there)
    if len(found) * ROWS_EACH > len(codes):
        return None
    number = np.empty(len(there), np.int32)
    number[found] = np.arange(len(found), dtype=np.int32)
    parts: list[pa.Array] = []
    rest = found
    for column, size in zip(reversed(columns), reversed(sizes), strict=True):
        rest, at = np.divmod(rest, size)
        parts.insert(0, column.dictionary.take(pa.array(at)))
    return number[codes], parts


def keys(columns: Sequence[pa.Array]) -> pa.Array:
    """One text for each row, equal when all of its values are."""
    if len(columns) == 1:
        return columns[0]
    escaped = [copy_text.encoded(column) for column in columns]
    return pc.binary_join_element_wise(*escaped, "\t", null_handling="replace", null_replacement=NULL)
