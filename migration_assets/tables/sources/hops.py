"""Lower bounds of ranges, found by hopping along an index a range at a time."""

from collections.abc import Callable, Iterator

from migration_assets.contracts.model import Scalar


def lower_bounds(
    first: Callable[[], Scalar | None],
    ahead: Callable[[Scalar], Scalar | None],
    above: Callable[[Scalar], Scalar | None],
) -> Iterator[Scalar]:
    """Begins at `first`, then goes `ahead` of the last bound by a range's rows; where so many rows
    have the same value that this leads nowhere new, to the next value `above` it."""
    seen: set[Scalar] = set()
    lower = first()
    while lower is not None:
        seen.add(lower)
        yield lower
        following = ahead(lower)
        lower = above(lower) if following in seen else following
