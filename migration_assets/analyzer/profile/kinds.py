"""Every kind of hazard: what it is, and what to do about it; and which of them a refusal's reason names.

The reasons are those of the mapping, the spelling and the sources, by whose own code the rows are judged.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    what: str
    advice: str


KINDS: Mapping[str, Kind] = {
    "zero date": Kind(
        "A date of zeros, which is in no calendar.",
        "Say `zero_dates: as_null` in the contract, or correct the rows in the source.",
    ),
    "impossible date": Kind(
        "A date that the calendar does not have, such as 31 February or a month 0.",
        "Correct the rows in the source, or read the column as text and map it by transformLogic.",
    ),
    "invalid text": Kind(
        "Bytes that are no text in the column's character set.",
        "Correct the rows in the source, or carry the column as bytes (`bytea`).",
    ),
    "NUL character": Kind(
        "A character with the number 0, which PostgreSQL's text cannot hold.",
        "Take it out by transformLogic, such as `replace(name, chr(0), '')`, or in the source.",
    ),
    "text in a number": Kind(
        "A value that is no number, in a column that becomes one.",
        "Give the column the type `text`, map it by transformLogic, or correct the rows in the source.",
    ),
    "not a date": Kind(
        "A value that is no date or time, in a column that becomes one.",
        "Give the column the type `text`, or say by transformLogic how it is read.",
    ),
    "too long": Kind(
        "A value with more characters, bytes or bits than the target's type has.",
        "Give the column a longer type, or cut it by transformLogic.",
    ),
    "out of range": Kind(
        "A number or a moment beyond the range of the target's type.",
        "Give the column a wider type.",
    ),
    "too precise": Kind(
        "A value with more digits than the target's type keeps; nothing is rounded by itself.",
        "Give the column more digits, or say `round(…)` in transformLogic.",
    ),
    "time zone": Kind(
        "A moment with a time zone where the target has none, or without one where it needs it.",
        "Say which one by AT TIME ZONE in transformLogic.",
    ),
    "bytes in text": Kind(
        "Bytes, or text that looks like them, in a column of text.",
        "Say how to read it in transformLogic, or give the column the type `bytea`.",
    ),
    "misfit": Kind(
        "A value that the target's type cannot hold exactly.",
        "Give the column another type, map it by transformLogic, or correct the rows in the source.",
    ),
    "expression fails": Kind(
        "A row for which a transformLogic has no result.",
        "Correct the expression (`try_cast`, `CASE`), or the rows in the source.",
    ),
    "NULL where required": Kind(
        "No value in a column that the contract requires.",
        "Take `required` off the column, or give it a value by transformLogic (`coalesce`).",
    ),
    "breaks a rule": Kind(
        "A row that does not hold a rule of the contract.",
        "Correct the rule or the rows.",
    ),
    "duplicate key": Kind(
        "Rows that share a key which the contract says is unique.",
        "Take another key, or take the surplus rows out by `where`.",
    ),
    "orphan": Kind(
        "A row that refers to a row which is not there.",
        "Bring the missing rows, take the relationship out of the contract, or say `bad_rows: quarantine`.",
    ),
    "reference not judged": Kind(
        "A relationship that cannot be looked at in the source: its columns are made by an expression, "
        "or its parent is elsewhere.",
        "The load judges it; nothing is to be done now.",
    ),
    "parent refused": Kind(
        "The table refers to one of which rows will not arrive.",
        "Correct the parent's hazards first.",
    ),
    "reference of unlike types": Kind(
        "A relationship whose columns cannot be compared.",
        "Give both columns one `physicalType`.",
    ),
    "no key": Kind(
        "No column or set of columns names a row.",
        "Name a primary key in the contract where there is one; else bad rows are named by number alone.",
    ),
    "key not enforced": Kind(
        "The contract's key is one that the source does not keep unique by itself.",
        "Look whether it may be doubled until the cutover.",
    ),
    "long key": Kind(
        "A value of a key is longer than an index of PostgreSQL takes (2,704 bytes).",
        "Take another key or index.",
    ),
    "does not fit its source": Kind(
        "Contract and source do not have the same columns or types.",
        "Correct the contract; `migrate discover --update` writes what changed.",
    ),
    "column in the source only": Kind(
        "A column that no column of the contract is made from: its values stay behind.",
        "Add it to the contract, unless it is to be left behind.",
    ),
    "no contract": Kind(
        "A table of the source that no contract means: its rows stay behind.",
        "`migrate discover` writes a contract for it.",
    ),
    "table missing": Kind(
        "The source has no such table, or its role may not read it.",
        "Correct `from.table` in the contract, or grant SELECT.",
    ),
    "differs from the target": Kind(
        "The target's table is there and is not what the contract says.",
        "Correct the contract or alter the table.",
    ),
    "names collide": Kind(
        "Names that are one after 63 bytes, where PostgreSQL cuts them.",
        "Give one of them another name in the contract.",
    ),
    "names differ by case": Kind(
        "Names that differ by upper and lower case alone; they stay apart, but must be quoted.",
        "Give one of them another name in the contract where people write SQL by hand.",
    ),
    "long name": Kind(
        "A name of more than 63 bytes, which PostgreSQL cuts.",
        "Give it a shorter one in the contract.",
    ),
    "reserved word": Kind(
        "A name that is a word of SQL, and must be quoted wherever it is written.",
        "Give it another name in the contract where people write SQL by hand.",
    ),
    "counter near its end": Kind(
        "A sequence or AUTO_INCREMENT that has used most of its numbers.",
        "Give the column the type `bigint` before it runs out.",
    ),
    "infinity": Kind(
        "Infinite dates or numbers.",
        "PostgreSQL takes them; look whether the new programs do.",
    ),
    "not a number": Kind(
        "NaN among the numbers; PostgreSQL counts it as larger than all others.",
        "PostgreSQL takes them; look whether the new programs do.",
    ),
    "judged by the target": Kind(
        "What the target alone can judge: a condition, a rule in SQL, a type whose spelling only it knows.",
        "Nothing to do now; the load refuses what does not hold.",
    ),
    "not looked at": Kind(
        "The source or this program could not look at it.",
        "Its rows are judged when they are moved.",
    ),
}

#: by a part of a reason; the first that is found
_REASONS: tuple[tuple[str, str], ...] = (
    (r"zero date", "zero date"),
    (r"no such date|no day of the calendar", "impossible date"),
    (r"invalid (UTF-8|text)", "invalid text"),
    (r"NUL character", "NUL character"),
    (r"NULL but required", "NULL where required"),
    (r"is bytes, or text", "bytes in text"),
    (r"more than \d+ characters|has not \d+ bits", "too long"),
    (r"out of the range|digits before the point", "out of range"),
    (r"decimals|digits of a second|more digits|digits in|time of day, date has none", "too precise"),
    (r"time zone", "time zone"),
    (r"is no (number|smallint|integer|bigint)", "text in a number"),
    (r"is no (date|time|interval)|is no time of day", "not a date"),
    (r"transformLogic|expression|hook", "expression fails"),
)


def kind_of(reason: str) -> str:
    """The kind of hazard that a row's reason names."""
    return next((kind for pattern, kind in _REASONS if re.search(pattern, reason)), "misfit")
