"""One batch of staged source lines: mapped, spelled and judged."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow as pa
from xxhash import xxh3_128_digest

from migration_assets.checks.from_contract import SCHEMA
from migration_assets.checks.rules import Rule
from migration_assets.errors import StagingRefused
from migration_assets.tables.copy_text import pc
from migration_assets.tables.evaluate import Evaluator
from migration_assets.tables.mapping import Mapping as TableMapping
from migration_assets.tables.row_key import shown_key
from migration_assets.tables.row_rules import RowRules
from migration_assets.tables.source_rows import SourceRows
from migration_assets.tables.target_rows import TargetRows, key_of

#: by row of the batch, the reason of each check that it breaks
Reasons = defaultdict[int, dict[str, str]]


@dataclass(frozen=True)
class BadRow:
    """A row that a blocking check does not let through: number in the partition (from 1), key, and
    the reason of each check that it breaks."""

    number: int
    key: str
    reasons: Mapping[str, str]
    #: what the source had, as JSON text, for the quarantine
    row: str


@dataclass(frozen=True)
class Judged:
    """A batch after its way: lines to load, rows that may not be, and what was counted."""

    rows: int
    lines: bytes
    #: whether the lines are the staged ones, but for bad rows
    as_staged: bool
    bad: tuple[BadRow, ...]
    #: rows that break a rule, by the rule's name, blocking or not
    broken: Mapping[str, int]
    #: keys of rows that break a rule which does not block, by the rule's name
    warned: Mapping[str, tuple[str, ...]]
    #: for each rule of uniqueness, 16 bytes a good row (zeros where a NULL makes it unique)
    unique: Mapping[str, bytes] = field(default_factory=dict)


class BatchJudge:
    """Takes batches of one partition through one mapping."""

    def __init__(self, mapping: TableMapping) -> None:
        self.mapping = mapping
        self._evaluator = Evaluator(mapping)
        self._rules = RowRules(mapping)
        #: places of columns with many distinct values
        self._many: set[int] = set()

    def judge(self, lines: bytes, first: int, duplicates: Mapping[int, str]) -> Judged:
        """Judges the lines; `first` is the number of the first row, `duplicates` maps row numbers to
        the rule of uniqueness that they are already known to break."""
        source = self._source(lines)
        reasons: Reasons = defaultdict(dict)
        for row, found in source.misfits().items():
            _add(reasons[row], SCHEMA, *found)
        target = TargetRows(self.mapping, self._evaluator, source)
        for row, found in target.misfits.items():
            _add(reasons[row], SCHEMA, *found)
        broken, warned = self._judged(target, reasons)
        for number, rule in duplicates.items():
            if first <= number < first + source.count:
                reasons[number - first].setdefault(rule, "another row has the same key")
                broken[rule] += 1
        return Judged(
            rows=source.count,
            lines=self._lines(source, target, reasons),
            as_staged=target.as_staged,
            bad=tuple(
                BadRow(first + row, self._key(target, row, first), dict(reasons[row]), source.shown(row))
                for row in sorted(reasons)
            ),
            broken=dict(broken),
            warned={n: tuple(self._key(target, r, first) for r in rows[:20]) for n, rows in warned.items()},
            unique={
                rule.name: _hashes(target, rule, reasons)
                for rule in self.mapping.rules
                if rule.kind == "unique"
            },
        )

    def _source(self, lines: bytes) -> SourceRows:
        try:
            return SourceRows(lines, self.mapping.reading, self._many)
        except pa.ArrowInvalid:
            raise StagingRefused(
                f"The staged rows of {self.mapping.contract.name} are not lines of "
                f"{len(self.mapping.reading)} fields; the target is unchanged.",
                advice="Materialize `extracted` of this partition again.",
            ) from None

    def _judged(self, target: TargetRows, reasons: Reasons) -> tuple[dict[str, int], dict[str, list[int]]]:
        """What the rules find: counts what is broken, and adds what blocks to the reasons."""
        broken: dict[str, int] = defaultdict(int)
        warned: dict[str, list[int]] = {}
        found = self._rules.judge(target)
        for column, rows in found.nulls.items():
            for row in rows:
                if not any(f"column {column} " in r for r in reasons.get(row, {}).values()):
                    _add(reasons[row], SCHEMA, f"column {column} is NULL but required")
        for rule in self.mapping.rules:
            rows = found.rules.get(rule.name, frozenset())
            broken[rule.name] += len(rows)
            if rule.names_rows:
                for row in rows:
                    _add(reasons[row], rule.name, rule.description)
            elif rows:
                warned[rule.name] = sorted(rows)
        return broken, warned

    def _lines(self, source: SourceRows, target: TargetRows, reasons: Reasons) -> bytes:
        if not reasons:
            return source.lines if target.as_staged else target.lines(None)
        return target.lines(pa.array([row not in reasons for row in range(source.count)]))

    def _key(self, target: TargetRows, row: int, first: int) -> str:
        contract = self.mapping.contract
        return shown_key(contract, key_of(target, contract.primary_key, row), first + row)


def _hashes(target: TargetRows, rule: Rule, reasons: Reasons) -> bytes:
    columns = [target.escaped(name) for name in rule.columns]
    joined = pc.binary_join_element_wise(*columns, "\t", null_handling="emit_null")
    nothing = bytes(16)
    return b"".join(
        nothing if text is None or row in reasons else xxh3_128_digest(text)
        for row, text in enumerate(joined.cast(pa.binary()).to_pylist())
    )


def _add(reasons: dict[str, str], check: str, *found: str) -> None:
    reasons[check] = "; ".join(([reasons[check]] if check in reasons else []) + list(found))
