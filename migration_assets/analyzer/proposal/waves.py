"""Parents before children: cycles broken where it costs least, then waves; pure."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass


@dataclass(frozen=True)
class Edge:
    """A reference from one table to another one."""

    child: str
    parent: str
    #: a child may be without its parent
    optional: bool = False


@dataclass(frozen=True)
class Order:
    #: references that have to wait until both tables are there
    deferred: frozenset[Edge]
    cycles: tuple[tuple[str, ...], ...]
    #: counted from 1; each table after all that it refers to
    wave: Mapping[str, int]


def order(tables: Sequence[str], edges: Sequence[Edge]) -> Order:
    """References to a table itself do not count."""
    left = {edge for edge in edges if edge.child != edge.parent}
    deferred: set[Edge] = set()
    cycles: list[tuple[str, ...]] = []
    while cycle := _cycle(tables, left):
        cycles.append(cycle)
        steps = set(zip(cycle, (*cycle[1:], cycle[0]), strict=True))
        ways = [edge for edge in left if (edge.child, edge.parent) in steps]
        weakest = min(ways, key=lambda edge: (_cost(edge, left), edge.child, edge.parent))
        between = {e for e in left if (e.child, e.parent) == (weakest.child, weakest.parent)}
        deferred |= between
        left -= between
    return Order(frozenset(deferred), tuple(cycles), _waves(tables, left))


def _cost(edge: Edge, edges: Set[Edge]) -> tuple[bool, int]:
    """An optional reference waits more easily, and a parent that many others need comes first."""
    needed = sum(other.parent == edge.child for other in edges)
    return not edge.optional, -needed


def _cycle(tables: Sequence[str], edges: Set[Edge]) -> tuple[str, ...] | None:
    """One cycle, from its first name on."""
    left = _parents(tables, edges)
    while settled := [name for name, parents in left.items() if not parents & left.keys()]:
        for name in settled:
            del left[name]
    if not left:
        return None
    way: list[str] = []
    name = min(left)
    while name not in way:
        way.append(name)
        name = min(left[name] & left.keys())
    cycle = way[way.index(name) :]
    first = cycle.index(min(cycle))
    return (*cycle[first:], *cycle[:first])


def _parents(tables: Sequence[str], edges: Set[Edge]) -> dict[str, set[str]]:
    parents: dict[str, set[str]] = {table: set() for table in tables}
    for edge in edges:
        parents[edge.child].add(edge.parent)
    return parents


def _waves(tables: Sequence[str], edges: Set[Edge]) -> dict[str, int]:
    parents = _parents(tables, edges)
    wave: dict[str, int] = {}
    while len(wave) < len(parents):
        ready = [name for name in parents if name not in wave and parents[name] <= wave.keys()]
        for name in ready:
            wave[name] = 1 + max((wave[parent] for parent in parents[name]), default=0)
    return wave
