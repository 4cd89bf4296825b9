"""A mapping's row rules over the target's rows of a batch, judged by Pandera."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa

from migration_assets.checks.rules import Rule
from migration_assets.tables import comparable, distinct
from migration_assets.tables.copy_text import pc
from migration_assets.tables.mapping import Mapping as TableMapping
from migration_assets.tables.target_rows import TargetRows

if TYPE_CHECKING:
    from migration_assets.checks.pandera_schema import RuleSchema


@dataclass(frozen=True)
class Broken:
    """Rows of the batch (0-based)."""

    #: by required column, where it is NULL
    nulls: Mapping[str, frozenset[int]] = field(default_factory=dict)
    #: by rule
    rules: Mapping[str, frozenset[int]] = field(default_factory=dict)


class RowRules:
    """Judges batches by the rules of one mapping."""

    def __init__(self, mapping: TableMapping) -> None:
        self._required = mapping.required
        self._schema: RuleSchema | None = None
        self._types = {item.column.name: item.pgtype for item in mapping.fields}
        if not mapping.rules:
            return
        # Pandera and pandas are 40 MB, which rows without a rule need not take
        from migration_assets.checks import pandera_schema

        parts = [part for rule in mapping.rules for part in pandera_schema.parts(rule)]
        self._parts = [self._ready(part) for part in parts]
        #: rules that a value which has no place among the others breaks
        self._ranges = {rule.name for rule in mapping.rules if rule.kind == "range"}
        self._schema = pandera_schema.RuleSchema(self._parts, self._required)

    def _ready(self, part: Rule) -> Rule:
        return comparable.ready(part, self._types[part.columns[0]]) if part.kind == "range" else part

    def judge(self, target: TargetRows) -> Broken:
        """What the rows break."""
        if self._schema is None:
            return Broken({name: nulls for name in self._required if (nulls := _nulls(target, name))})
        import pandas as pd

        from migration_assets.checks import pandera_schema

        columns = {pandera_schema.required_column(name): _rows(target, name) for name in self._required}
        broken: defaultdict[str, frozenset[int]] = defaultdict(frozenset)
        for part in self._parts:
            name = part.columns[0]
            if part.kind != "range":
                columns[pandera_schema.column_of(part)] = _rows(target, name)
                continue
            texts = target.values(name)
            made = comparable.compared(distinct.values(texts), self._types[name])
            columns[pandera_schema.column_of(part)] = distinct.rows(distinct.again(texts, made))
            lost = pc.and_(pc.is_null(made), pc.is_valid(distinct.values(texts)))
            if part.name in self._ranges and pc.any(lost).as_py():
                places = dict.fromkeys(pc.indices_nonzero(lost).to_pylist(), "")
                broken[part.name] = frozenset(distinct.places(texts, places))
        frame = pa.table(columns).to_pandas(types_mapper=pd.ArrowDtype)
        verdict = self._schema.judge(frame)
        for name, places in verdict.broken.items():
            broken[name] |= places
        return Broken(verdict.nulls, broken)


def _rows(target: TargetRows, name: str) -> pa.Array:
    return distinct.rows(target.values(name))


def _nulls(target: TargetRows, name: str) -> frozenset[int]:
    return frozenset(pc.indices_nonzero(pc.is_null(_rows(target, name))).to_pylist())
