"""Booleans, text, bytes, uuids and bits as PostgreSQL prints them; never cut or padded away."""

import re
import uuid

from migration_assets.contracts.pgtypes import PgType
from migration_assets.tables.spelling.misfit import Canonical, Misfit

_BYTES = re.compile(r"\\x(?:[0-9a-f]{2})*")
_UUID = re.compile(r"\{?[0-9a-fA-F]{4}(?:-?[0-9a-fA-F]{4}){7}\}?")


def boolean(text: str) -> str:
    match text.strip().lower():
        case "t" | "true" | "1":
            return "t"
        case "f" | "false" | "0":
            return "f"
        case _:
            raise Misfit("is neither true nor false")


def text_of(pgtype: PgType) -> Canonical:
    length, padded = pgtype.length, pgtype.family == "char"

    def spell(text: str) -> str:
        if "\0" in text:
            raise Misfit("has a NUL character, which PostgreSQL's text cannot hold")
        if length is not None:
            bare = text.rstrip(" ") if padded else text
            if len(bare) > length:
                raise Misfit(f"has more than {length} characters")
            return bare.ljust(length) if padded else text
        return text

    return spell


def text_and_no_bytes(pgtype: PgType) -> Canonical:
    spell = text_of(pgtype)

    def spell_text(text: str) -> str:
        if _BYTES.fullmatch(text):
            raise Misfit("is bytes, or text that looks like them; say how to read it in transformLogic")
        return spell(text)

    return spell_text


def hexadecimal(text: str) -> str:
    if text.startswith("\\x"):
        try:
            return "\\x" + bytes.fromhex(text[2:]).hex()
        except ValueError:
            raise Misfit("is no hexadecimal") from None
    return "\\x" + text.encode().hex()


def universal(text: str) -> str:
    bare = text.strip()
    if not _UUID.fullmatch(bare) or bare.startswith("{") != bare.endswith("}"):
        raise Misfit("is no uuid")
    return str(uuid.UUID(bare))


def bits(pgtype: PgType) -> Canonical:
    length, varying = pgtype.length, pgtype.name == "bit varying"

    def spell(text: str) -> str:
        if text.strip("01"):
            raise Misfit("is no bit string")
        if length is not None and (len(text) > length if varying else len(text) != length):
            raise Misfit(f"has not {length} bits")
        return text

    return spell
