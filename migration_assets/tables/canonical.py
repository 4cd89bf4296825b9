"""Canonical text: any valid spelling of a value, as the one that PostgreSQL prints for the type.

Loaded text and printed text are then the same bytes, so that a row can be proven by its line. What
a type cannot hold exactly is a `Misfit`; nothing is rounded, cut or padded away.
"""

import numpy as np
import pyarrow as pa

from migration_assets.contracts.pgtypes import PgType
from migration_assets.tables.copy_text import pc
from migration_assets.tables.sources.base import MISFIT
from migration_assets.tables.spelling import documents, moments, numbers, words
from migration_assets.tables.spelling.misfit import Canonical, Misfit
from migration_assets.tables.spelling.numbers import INTEGER_DIGITS
from migration_assets.tables.trust import trusted as trusted


def canonical(pgtype: PgType, carries: str | None = "text") -> Canonical | None:
    """The function that spells values for the type; None where any text is taken as it is.

    `carries` is the type whose text the values have; None where any kind of value may be among them.
    For the types of the last kind PostgreSQL alone knows the spelling: their text is loaded as it
    came, and read back it must be the same text, or the partition's checksum fails.
    """
    match pgtype.family:
        case "integer":
            return numbers.integer(pgtype.name)
        case "numeric":
            return numbers.numeric(pgtype)
        case "float":
            if pgtype.name == "real":
                return numbers.single
            return numbers.widened if carries == "real" else numbers.double
        case "boolean":
            return words.boolean
        case "text" | "char":
            return words.text_of(pgtype) if carries is not None else words.text_and_no_bytes(pgtype)
        case "bytes":
            return words.hexadecimal
        case "date":
            return moments.day
        case "timestamp" | "timestamptz":
            return moments.moment(pgtype)
        case "time":
            return moments.clock(pgtype)
        case "interval":
            return moments.interval(pgtype)
        case "uuid":
            return words.universal
        case "json":
            return documents.json_as_written
        case "jsonb":
            return documents.jsonb
        case "bit":
            return words.bits(pgtype)
        case _:
            return None


def spelled(
    values: pa.Array, pgtype: PgType, carries: str | None = "text"
) -> tuple[pa.Array, dict[int, str]]:
    """Values in canonical text, and the reason for each place that holds none (null there)."""
    spell = canonical(pgtype, carries)
    if spell is None:
        return values, {}
    plain = pc.fill_null(_plainly_canonical(values, pgtype, carries), True)
    doubtful = pc.indices_nonzero(pc.and_not(pc.is_valid(values), plain))
    if not len(doubtful):
        return values, {}
    texts: list[str | None] = []
    misfits: dict[int, str] = {}
    known: dict[str, str] = {}
    for place, value in zip(doubtful.to_pylist(), values.take(doubtful).to_pylist(), strict=True):
        text = known.get(value)
        if text is None:
            try:
                text = spell(value)
            except Misfit as misfit:
                misfits[place] = str(misfit)
                texts.append(None)
                continue
            if len(known) < 100_000 and len(value) < 64:
                known[value] = text
        texts.append(text)
    if len(doubtful) == len(values):
        return pa.array(texts, pa.string()), misfits
    mask = np.zeros(len(values), dtype=bool)
    mask[doubtful.to_numpy()] = True
    return pc.replace_with_mask(values, pa.array(mask), pa.array(texts, pa.string())), misfits


def _plainly_canonical(values: pa.Array, pgtype: PgType, carries: str | None) -> pa.Array:
    """Which values a glance at the whole column shows to be canonical; the others may be, too."""
    match pgtype.family:
        case "integer":
            digits = INTEGER_DIGITS[pgtype.name] - 2
            return pc.match_substring_regex(values, rf"\A(0|-?[1-9][0-9]{{0,{digits}}})\z")
        case "numeric" if (
            pgtype.precision is not None and pgtype.scale >= 0 and pgtype.precision > pgtype.scale
        ):
            whole = rf"(0|-?[1-9][0-9]{{0,{pgtype.precision - pgtype.scale - 1}}})"
            return pc.match_substring_regex(
                values, rf"\A{whole}\.[0-9]{{{pgtype.scale}}}\z" if pgtype.scale else rf"\A{whole}\z"
            )
        case "boolean":
            return pc.match_substring_regex(values, r"\A[tf]\z")
        case "text":
            # what begins with a backslash may be bytes
            whole = pc.invert(pc.match_substring_regex(values, r"\x00" if carries else r"\x00|\A\\"))
            if pgtype.length is None:
                return whole
            return pc.and_(whole, pc.less_equal(pc.utf8_length(values), pgtype.length))
        case "uuid":
            return pc.match_substring_regex(values, r"\A[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}\z")
        case "bytes":
            return pc.match_substring_regex(values, r"\A\\x([0-9a-f]{2})*\z")
        case _:
            return pa.repeat(pa.scalar(False), len(values))


def marked(column: pa.Array) -> dict[int, str]:
    """The reasons that a source wrote in place of values (see `sources.base.MISFIT`)."""
    return {
        place: value.removeprefix(MISFIT)
        for place, value in enumerate(column.to_pylist())
        if value is not None and value.startswith(MISFIT)
    }
