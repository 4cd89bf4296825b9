"""Objects that become one package: a jar with its descriptor, sources and documentation."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from migration_assets.buckets.model import Decision

#: the field of a decision's package that says as which of its package's files the object goes
PART = "part"
#: by the end of a file's name behind artifact and version, as which file of the package it goes
MAVEN_PARTS: Mapping[str, str] = {
    ".pom": "pom_file",
    "-sources.jar": "sources_file",
    "-javadoc.jar": "javadoc_file",
    "-tests.jar": "tests_file",
}

#: the package's own file first
Together = tuple[Decision, ...]


def together(decisions: Iterable[Decision]) -> Iterator[Together]:
    """Decisions in the order of their keys: files of one folder in Maven's layout stand side by side.

    One that is a part, and whose package's own file is not there, comes alone.
    """
    for _, some in groupby(decisions, _package):
        group = list(some)
        own = [each for each in group if PART not in each.package]
        parts = [each for each in group if PART in each.package]
        if len(own) == 1 and len({each.package[PART] for each in parts}) == len(parts):
            yield (*own, *parts)
        else:
            yield from ((each,) for each in group)


def _package(decision: Decision) -> object:
    """What is equal for objects of one package only."""
    if decision.format != "maven":
        return object()
    return decision.target.rpartition("/")[0]
