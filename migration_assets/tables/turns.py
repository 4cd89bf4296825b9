"""Turns: in which order partitions are loaded whose rows stand in each other's way; pure."""

from collections.abc import Mapping

#: by partition, those that have to be loaded before it or with it
Needs = Mapping[str, frozenset[str]]


def turns(needs: Needs) -> tuple[frozenset[str], ...]:
    """The groups that have to be loaded in one transaction each, none before what it needs.

    needs                       turns
    a: -                        a
    a: b, b: -                  b, then a
    a: b, b: a                  a and b
    a: b, b: c, c: a, d: a      a, b and c, then d
    a: x (not among them)       a
    """
    ahead = {key: reached(needs, key) for key in needs}
    groups = {
        frozenset(other for other in mine if key in ahead.get(other, ())) for key, mine in ahead.items()
    }
    # whoever needs a group reaches all that it reaches, and itself
    return tuple(sorted(groups, key=lambda group: (len(ahead[min(group)]), min(group))))


def reached(needs: Needs, start: str) -> frozenset[str]:
    """The partition itself and all that it needs, and these need."""
    found, ahead = {start}, [start]
    while ahead:
        more = needs.get(ahead.pop(), frozenset()) - found
        found |= more
        ahead += more
    return frozenset(found)
