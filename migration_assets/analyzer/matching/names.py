"""How alike two names are, whatever the way of writing them; pure."""

import re
from functools import lru_cache

from rapidfuzz.distance import JaroWinkler, LCSseq

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+|\d+")
#: what is often written short in old databases
_SHORT: dict[str, str] = {
    "addr": "address",
    "adr": "address",
    "amt": "amount",
    "cat": "category",
    "cd": "code",
    "cnt": "count",
    "cust": "customer",
    "descr": "description",
    "desc": "description",
    "disc": "discount",
    "dob": "birth date",
    "dept": "department",
    "dt": "date",
    "emp": "employee",
    "fname": "first name",
    "firstname": "first name",
    "fk": "",
    "inv": "invoice",
    "key": "id",
    "lname": "last name",
    "lastname": "last name",
    "mail": "email",
    "mgr": "manager",
    "mob": "mobile",
    "nbr": "number",
    "nm": "name",
    "no": "number",
    "num": "number",
    "nr": "number",
    "ord": "order",
    "pct": "percent",
    "pk": "",
    "postcode": "postal code",
    "prod": "product",
    "pwd": "password",
    "qty": "quantity",
    "surname": "last name",
    "tbl": "",
    "tel": "phone",
    "telephone": "phone",
    "ts": "time",
    "zip": "postal code",
    "zipcode": "postal code",
}


@lru_cache(1 << 16)
def words(name: str) -> tuple[str, ...]:
    """`CustAddr2` as customer, address, 2; a plural's `s` does not count."""
    found: list[str] = []
    for word in _WORDS.findall(name):
        low = word.lower()
        found += map(_singular, _SHORT[low].split() if low in _SHORT else (low,))
    return tuple(found) or (name.lower(),)


@lru_cache(1 << 18)
def likeness(one: str, other: str) -> float:
    """1 for the same words in the same order; else how alike words and letters are."""
    a, b = words(one), words(other)
    if a == b:
        return 1.0
    if "".join(a) == "".join(b):
        return 0.98
    alike = _alike(a, b)
    letters = LCSseq.normalized_similarity("".join(a), "".join(b))
    return round(min(0.95, 0.7 * alike + 0.3 * letters), 4)


def within(name: str, table: str) -> str:
    """A column's name without its table's: `film_id` of `film` is `id`."""
    own, of = words(name), words(table)
    rest = own[len(of) :] if own[: len(of)] == of else own[1:] if own[:1] == of[-1:] else ()
    return "_".join(rest or own)


def in_tables(column: str, table: str, other: str, other_table: str) -> float:
    """How alike two columns are called, each in its table."""
    bare = likeness(within(column, table), within(other, other_table))
    return max(likeness(column, other), 0.95 * bare)


def _alike(a: tuple[str, ...], b: tuple[str, ...]) -> float:
    """Each word with the one of the other name that is most like it, both ways."""

    def best(word: str, others: tuple[str, ...]) -> float:
        found = max(JaroWinkler.similarity(word, each) for each in others)
        return found if found > 0.8 else 0.0

    scores = [*(best(word, b) for word in a), *(best(word, a) for word in b)]
    return sum(scores) / len(scores)


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return (
        word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word
    )
