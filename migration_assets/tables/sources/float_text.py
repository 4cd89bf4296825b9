"""A double in, the text that PostgreSQL prints for `double precision` out."""

import math
from decimal import Decimal


def float_text(value: float) -> str:
    """The shortest text that reads back as the same double, as PostgreSQL 12 and later write it.

    Python's shortest text may lie exactly on the edge of what rounds to the double (1e23), which
    PostgreSQL leaves out; and PostgreSQL turns to exponents from 1e+15 on, not from 1e+16.
    """
    if -1e15 < value < 1e15:
        return repr(value).removesuffix(".0")
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    shortest = repr(value)
    return _scientific(_inside(value) if _on_the_edge(value, shortest) else shortest)


def _on_the_edge(value: float, text: str) -> bool:
    """Whether the number in the text is half way between the double and its neighbour."""
    number = Decimal(text)
    if abs(number) > Decimal("1e50") or number != int(number):
        return False
    return any(
        2 * int(number) == int(value) + int(math.nextafter(value, side)) for side in (-math.inf, math.inf)
    )


def _inside(value: float) -> str:
    for digits in range(15, 18):
        text = f"{value:.{digits - 1}e}"
        if float(text) == value and not _on_the_edge(value, text):
            return text
    return f"{value:.16e}"


def _scientific(text: str) -> str:
    sign, digits, exponent = Decimal(text).normalize().as_tuple()
    assert isinstance(exponent, int)
    first, *rest = map(str, digits)
    fraction = "." + "".join(rest) if rest else ""
    return f"{'-' if sign else ''}{first}{fraction}e{exponent + len(rest):+03d}"
