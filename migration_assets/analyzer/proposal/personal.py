"""Which columns are about people, by their names and by the values of a sample; the values stay here."""

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass

from migration_assets.analyzer.proposal.model import Personal
from migration_assets.analyzer.proposal.values import Values
from migration_assets.contracts import pgtypes

#: the part of the values that have to look like it, where the name says nothing
SURE = 0.8
#: values below which values alone prove nothing
ENOUGH = 3

_EMAIL = re.compile(r"[\w.%+'-]+@[\w-]+(\.[\w-]+)+")
_PHONE = re.compile(r"\+?[\d\s()./-]{7,24}")
_CARD = re.compile(r"\d{4}([ -]?)\d{4}\1\d{4}\1\d{1,7}")


@dataclass(frozen=True)
class Sign:
    """A kind of personal data: what its columns are called, and what its values look like."""

    what: str
    classification: str
    #: against the words of a name, joined by one blank
    named: re.Pattern[str]
    #: None where values tell nothing
    looks: Callable[[str], bool] | None = None
    #: whether values alone are proof
    by_values: bool = False
    #: families of types that it may have
    families: tuple[str, ...] = ("text", "char", "other")


def _is_card(text: str) -> bool:
    """Digits whose last one is the check digit of the others (ISO/IEC 7812-1, Luhn's formula)."""
    if not _CARD.fullmatch(text):
        return False
    digits = [int(sign) for sign in re.sub(r"\D", "", text)]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0 and any(digits)


def _is_mail(text: str) -> bool:
    return _EMAIL.fullmatch(text) is not None


def _is_phone(text: str) -> bool:
    digits = re.sub(r"\D", "", text)
    plain = _PHONE.fullmatch(text) is not None and 7 <= len(digits) <= 15
    # a day or a plain number is none
    return plain and (text != digits or len(digits) >= 9) and not re.fullmatch(r"\d{4}-\d{2}-\d{2}.*", text)


def _is_address(text: str) -> bool:
    try:
        return not ipaddress.ip_address(text.partition("/")[0]).is_unspecified
    except ValueError:
        return False


def _names(*words: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(words)})\b")


_NUMERIC = ("text", "char", "other", "integer", "numeric")
_SIGNS = (
    Sign(
        "card number",
        "restricted",
        _names("card (number|no|num|nr)", "credit card", "(cc|pan)( (number|no|num))?"),
        _is_card,
        True,
        _NUMERIC,
    ),
    Sign("e-mail address", "restricted", _names("e ?mail( address)?"), _is_mail, True),
    Sign(
        "IP address",
        "restricted",
        _names("ip", "ip ?(address|addr)", "(client|remote|user) (ip|addr)", "ipv[46]"),
        _is_address,
        True,
    ),
    Sign(
        "phone number",
        "restricted",
        _names("(tele)?phone( (number|no))?", "mobile", "cell( phone)?", "fax", "msisdn"),
        _is_phone,
        False,
        _NUMERIC,
    ),
    Sign(
        "national number",
        "restricted",
        _names("ssn", "social security.*", "passport.*", "tax id", "iban", "national id", "nino"),
        None,
        False,
        _NUMERIC,
    ),
    Sign("secret", "restricted", _names("password.*", "passwd", "passphrase", "pin code", "secret")),
    Sign(
        "birthday",
        "restricted",
        _names("birth ?(date|day)", "date of birth", "dob", "born"),
        None,
        False,
        ("date", "timestamp", "text", "char"),
    ),
    Sign(
        "name",
        "restricted",
        _names(
            "(first|last|middle|full|given|family|maiden|contact|sur|fore) ?names?",
            "(customer|employee|person|user|owner|author|patient) name",
        ),
    ),
    Sign(
        "address",
        "restricted",
        _names(
            "address( ?(line)?( ?\\d)?)?",
            "addr( ?\\d)?",
            "street( (name|number))?",
            "(postal|zip|post) ?code",
            "zip",
        ),
    ),
    Sign("picture of a person", "restricted", _names("photo(graph)?", "portrait"), None, False, ("bytes",)),
    Sign("gender", "restricted", _names("gender", "sex"), None, False, ("text", "char", "integer")),
)


def _words(name: str) -> str:
    return " ".join(re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+", name)).lower()


def judged(name: str, type_: str, values: Values, table: str = "") -> Personal | None:
    """What the column is, and the evidence; None where nothing speaks for personal data."""
    words = _words(name)
    if words == "name":
        # of customers it is a person's, of products it is none
        words = f"{_words(table).removesuffix('s')} name"
    family = pgtypes.parse(type_).family
    texts = [value.strip() for value in values if value.strip()]
    for sign in _SIGNS:
        if family not in sign.families:
            continue
        alike = sum(map(sign.looks, texts)) if sign.looks else 0
        counted = f"{alike} of {len(texts)} sampled values look like it" if sign.looks and texts else ""
        if sign.named.search(words):
            # values that say otherwise outweigh a name
            if sign.looks and len(texts) >= ENOUGH and sign.by_values and not alike:
                continue
            said = f"its name{'; ' + counted if counted else ''}"
            return Personal(sign.what, sign.classification, said)
        if sign.by_values and len(texts) >= ENOUGH and alike >= SURE * len(texts):
            return Personal(sign.what, sign.classification, counted)
    return None
