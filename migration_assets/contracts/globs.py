"""Globs over keys: `*` and `?` stay between slashes, `**` does not."""

import re
from collections.abc import Callable, Iterable
from functools import cache


@cache
def pattern(glob: str) -> re.Pattern[str]:
    r"""The regular expression that whole keys match; ValueError for what is no glob.

    glob        regular expression      meaning
    **/         (?:.*/)?                any folders, none too
    **          .*                      anything
    *           [^/]*                   anything without a slash
    ?           [^/]                    one sign, no slash
    [a-c]       [a-c]                   one of these; `[!a-c]` none of these
    {a,b}       (?:a|b)                 one of these
    \*          \*                      the sign itself
    """
    found, at, depth = "", 0, 0
    while at < len(glob):
        sign = glob[at]
        if glob.startswith("**/", at) and (at == 0 or glob[at - 1] == "/"):
            found, at = found + "(?:.*/)?", at + 3
        elif glob.startswith("**", at):
            found, at = found + ".*", at + 2
        elif sign == "[":
            end = _end_of_class(glob, at)
            found, at = found + _class(glob[at + 1 : end]), end + 1
        elif sign == "\\":
            if at + 1 == len(glob):
                raise ValueError("it ends in a backslash")
            found, at = found + re.escape(glob[at + 1]), at + 2
        else:
            depth += (sign == "{") - (sign == "}")
            found, at = found + _sign(sign, depth), at + 1
            if depth < 0:
                raise ValueError("a `}` has no `{`")
    if depth:
        raise ValueError("a `{` has no `}`")
    return re.compile(found, re.DOTALL)


def among(include: Iterable[str], exclude: Iterable[str]) -> Callable[[str], bool]:
    """Whether a key is meant: one of `include` matches it (or there is none), and none of `exclude`."""
    wanted = [pattern(glob).fullmatch for glob in include]
    unwanted = [pattern(glob).fullmatch for glob in exclude]
    if not wanted and not unwanted:
        return lambda _key: True
    return lambda key: (
        (not wanted or any(matches(key) for matches in wanted))
        and not any(matches(key) for matches in unwanted)
    )


def _sign(sign: str, depth: int) -> str:
    match sign:
        case "*":
            return "[^/]*"
        case "?":
            return "[^/]"
        case "{":
            return "(?:"
        case "}":
            return ")"
        case ",":
            return "|" if depth else ","
        case _:
            return re.escape(sign)


def _end_of_class(glob: str, at: int) -> int:
    # a `]` that comes first is one of the signs
    first = at + 2 if glob.startswith("!", at + 1) else at + 1
    end = glob.find("]", first + 1)
    if end < 0:
        raise ValueError("a `[` has no `]`")
    return end


def _class(signs: str) -> str:
    none_of, signs = signs.startswith("!"), signs.removeprefix("!")
    escaped = "".join(f"\\{sign}" if sign in "\\]^[&~|" else sign for sign in signs)
    try:
        re.compile(f"[{escaped}]")
    except re.error:
        raise ValueError("the signs in `[…]` are no range") from None
    return f"(?!/)[{'^' if none_of else ''}{escaped}]"
