"""A contract's document while it is edited, and the few things that are done to its nodes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from migration_assets.analyzer.discovery.yaml_words import Flow, scalar
from migration_assets.analyzer.proposal.model import ProposedTable
from migration_assets.contracts.columns import source_name
from migration_assets.contracts.model import Contract, Recorded


@dataclass
class Document:
    """The document while it is edited."""

    said: Any
    contract: Contract
    #: the contract's record
    before: Recorded
    table: ProposedTable
    left: list[str] = field(default_factory=list)

    @property
    def schema(self) -> Any:
        return self.said["schema"][0]

    @property
    def properties(self) -> Any:
        return self.schema["properties"]

    @property
    def migration(self) -> Any:
        return custom(self.said, "migration")

    def sources(self, entry: Any) -> list[str]:
        """The source's columns that a property is made from, as the file says now."""
        listed = entry.get("transformSourceObjects") or [entry["name"]]
        if "transformSourceObjects" not in entry and "transformLogic" in entry:
            return []
        table = self.contract.source_table
        return [source_name(text, table) for text in ([listed] if isinstance(listed, str) else listed)]

    def entry(self, source: str) -> Any:
        """The property that carries the source's column and nothing else; None where there is none."""
        for entry in self.properties:
            if "transformLogic" not in entry and self.sources(entry) == [source]:
                return entry
        return None

    def targets(self, sources: Sequence[str]) -> list[str] | None:
        """The target's columns for the source's; None where one is not carried as it is."""
        entries = [self.entry(source) for source in sources]
        return None if None in entries else [name_of(entry) for entry in entries]


def without(holder: Any, key: str, gone: Callable[[Any], bool]) -> None:
    """The list without the entries for which it holds, and not at all where none is left."""
    if key in holder:
        for entry in [entry for entry in holder[key] if gone(entry)]:
            holder[key].remove(entry)
        if not holder[key]:
            del holder[key]


def name_of(entry: Any) -> str:
    """The property's column in the target."""
    return entry.get("physicalName") or entry["name"]


def spelled(source: str) -> str:
    return '"' + source.replace('"', '""') + '"' if "." in source or '"' in source else source


def custom(said: Any, name: str) -> Any:
    return next(each["value"] for each in said["customProperties"] if each["property"] == name)


def in_a_line(listed: Sequence[str]) -> CommentedSeq:
    made = CommentedSeq(map(styled, listed))
    made.fa.set_flow_style()
    return made


def styled(value: Any) -> Any:
    """As `yaml_words` would write it: one line where that says so."""
    if isinstance(value, dict):
        made = CommentedMap((key, styled(part)) for key, part in value.items())
        if isinstance(value, Flow):
            made.fa.set_flow_style()
        return made
    if isinstance(value, list):
        listed = CommentedSeq(map(styled, value))
        if all(isinstance(each, str) for each in value):
            listed.fa.set_flow_style()
        return listed
    if isinstance(value, str) and scalar(value).startswith('"'):
        return DoubleQuotedScalarString(value)
    return value


def yaml_as_it_is() -> YAML:
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 1 << 16
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml
