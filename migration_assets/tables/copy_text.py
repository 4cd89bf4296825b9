"""PostgreSQL's COPY text format: columns of escaped fields, and back.

A field is escaped by backslash sequences, NULL is `\\N`, fields are parted by TAB, a row is one
line. Escaping is one-to-one, so that equal values have equal text and a line can be hashed.
"""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute
from pyarrow import csv

#: its functions are made when it is imported, so that no type checker knows them
pc: Any = pyarrow.compute

NULL = "\\N"

#: escape letter and the character that it stands for, as COPY TO writes them
ESCAPES = (("b", "\b"), ("f", "\f"), ("n", "\n"), ("r", "\r"), ("t", "\t"), ("v", "\v"))

#: pyarrow's reader takes this one off the first line
_BYTE_ORDER_MARK = "\ufeff".encode()


def columns_of(lines: bytes, width: int) -> list[pa.Array]:
    """The fields of whole lines, still escaped, NULL as null: `width` arrays of strings.

    pyarrow.lib.ArrowInvalid when a line has another number of fields.
    """
    names = [str(number) for number in range(width)]
    if lines.startswith(_BYTE_ORDER_MARK):
        lines = _BYTE_ORDER_MARK + lines
    table = csv.read_csv(
        pa.BufferReader(lines),
        read_options=csv.ReadOptions(
            column_names=names, block_size=max(len(lines) + 1, 1 << 16), use_threads=False
        ),
        parse_options=csv.ParseOptions(
            delimiter="\t",
            quote_char=False,
            double_quote=False,
            escape_char=False,
            newlines_in_values=False,
            ignore_empty_lines=False,
        ),
        convert_options=csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            null_values=[NULL],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
        ),
    )
    return [column.combine_chunks() for column in table.columns]


def decoded(column: pa.Array) -> pa.Array:
    """Fields as the values that they stand for."""
    if not pc.any(pc.match_substring(column, "\\")).as_py():
        return column
    # a character that no PostgreSQL text can hold stands in for the escaped backslash
    column = pc.replace_substring(column, "\\\\", "\0")
    for letter, character in ESCAPES:
        column = pc.replace_substring(column, "\\" + letter, character)
    return pc.replace_substring(column, "\0", "\\")


def encoded(column: pa.Array) -> pa.Array:
    """Values as escaped fields."""
    if not pc.any(pc.match_substring_regex(column, "[\\\\\\x08\\f\\n\\r\\t\\v]")).as_py():
        return column
    column = pc.replace_substring(column, "\\", "\\\\")
    for letter, character in ESCAPES:
        column = pc.replace_substring(column, character, "\\" + letter)
    return column


def lines_of(columns: Sequence[pa.Array]) -> bytes:
    """Escaped columns of equal length as lines."""
    if not columns or len(columns[0]) == 0:
        return b""
    wide = [column.cast(pa.large_string()) for column in columns]
    rows = pc.binary_join_element_wise(
        *wide, pa.scalar("\t", pa.large_string()), null_handling="replace", null_replacement=NULL
    )
    ended = pc.binary_join_element_wise(
        rows, pa.scalar("", pa.large_string()), pa.scalar("\n", pa.large_string())
    )
    _, offsets, data = ended.buffers()
    del offsets
    return data.to_pybytes()
