"""Misfit: what a type cannot hold exactly."""

from collections.abc import Callable

#: any valid spelling of a value in, PostgreSQL's own out; Misfit where there is none
Canonical = Callable[[str], str]


class Misfit(ValueError):
    """The value cannot be held exactly by the type; the text says why, without the value."""
