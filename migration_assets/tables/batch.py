"""One batch of staged source lines: mapped, spelled and judged."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
from xxhash import xxh3_128_digest

from migration_assets.checks import pandera_schema
from migration_assets.checks.from_contract import SCHEMA
from migration_assets.checks.rules import Rule
from migration_assets.contracts.model import Contract
from migration_assets.contracts.pgtypes import PgType
from migration_assets.errors import MappingFault, StagingRefused
from migration_assets.tables import canonical, copy_text
from migration_assets.tables.copy_text import pc
from migration_assets.tables.evaluate import Evaluator
from migration_assets.tables.mapping import Field
from migration_assets.tables.mapping import Mapping as TableMapping
from migration_assets.tables.sources.base import MISFIT


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
        self._schema = pandera_schema.schema(_ready(mapping), mapping.required)
        self._casts = duckdb.connect()

    def judge(self, lines: bytes, first: int, duplicates: Mapping[int, str]) -> Judged:
        """Judges the lines; `first` is the number of the first row, `duplicates` maps row numbers to
        the rule of uniqueness that they are already known to break."""
        try:
            raw = copy_text.columns_of(lines, len(self.mapping.reading))
        except pa.ArrowInvalid:
            raise StagingRefused(
                f"The staged rows of {self.mapping.contract.name} are not lines of "
                f"{len(self.mapping.reading)} fields; the target is unchanged.",
                advice="Materialize `extracted` of this partition again.",
            ) from None
        rows = len(raw[0])
        reasons: dict[int, dict[str, str]] = defaultdict(dict)
        clean = self._without_marks(raw, reasons)
        fields, texts = self._fields(clean, reasons)
        broken, warned_places = self._rules(texts, rows, reasons)
        for number, rule in duplicates.items():
            if first <= number < first + rows:
                reasons[number - first].setdefault(rule, "another row has the same key")
                broken[rule] += 1
        bad_places = sorted(reasons)
        good = list(fields)
        if bad_places:
            keep = pa.array([place not in reasons for place in range(rows)])
            good = [column.filter(keep) for column in good]
        keys = self._keys(texts, first)
        return Judged(
            rows=rows,
            lines=copy_text.lines_of(good) if self.mapping.maps or bad_places else lines,
            bad=tuple(
                BadRow(first + place, keys(place), dict(reasons[place]), self._row(raw, place))
                for place in bad_places
            ),
            broken=dict(broken),
            warned={name: tuple(keys(p) for p in places[:20]) for name, places in warned_places.items()},
            unique={
                rule.name: self._hashes(rule, fields, reasons)
                for rule in self.mapping.rules
                if rule.kind == "unique"
            },
        )

    def _without_marks(self, raw: Sequence[pa.Array], reasons: dict[int, dict[str, str]]) -> list[pa.Array]:
        """Columns without the marks that a source wrote in place of values."""
        clean: list[pa.Array] = []
        for column, source in zip(raw, self.mapping.reading, strict=True):
            marks = pc.starts_with(column, MISFIT)
            if pc.any(marks).as_py():
                for place, reason in canonical.marked(column).items():
                    _add(reasons[place], SCHEMA, f"source column {source.name} has {reason}")
                column = pc.if_else(pc.fill_null(marks, False), pa.scalar(None, pa.string()), column)
            clean.append(column)
        return clean

    def _fields(
        self, clean: Sequence[pa.Array], reasons: dict[int, dict[str, str]]
    ) -> tuple[list[pa.Array], "_Texts"]:
        """Escaped target fields, and their values on demand."""
        decoded = [copy_text.decoded(c) for c in clean] if self._evaluator.busy else list(clean)
        evaluated = self._evaluator.evaluate(decoded) if self._evaluator.busy else None
        fields: list[pa.Array] = []
        for item in self.mapping.fields:
            name = item.column.name
            if evaluated is not None and name in evaluated.texts:
                values = evaluated.texts[name]
                sure = name in evaluated.canonical
                carries: str | None = "text"
            elif item.place is not None:
                values = clean[item.place]
                sure = item.trusted
                carries = self.mapping.reading[item.place].carries
                if not sure and not self._evaluator.busy:
                    values = copy_text.decoded(values)
                elif not sure:
                    values = decoded[item.place]
            else:
                raise MappingFault(
                    f"Nothing makes column {name} of {self.mapping.contract.name}.",
                    advice="Give it transformSourceObjects or transformLogic, or let the hook return it.",
                )
            if not sure:
                values, misfits = canonical.spelled(values, item.pgtype, carries)
                for place, reason in misfits.items():
                    _add(reasons[place], SCHEMA, f"column {name} {reason}")
            from_text = item.place is not None and sure and not (evaluated and name in evaluated.texts)
            fields.append(values if from_text else copy_text.encoded(values))
        if evaluated is not None:
            for place, (_, reason) in evaluated.misfits.items():
                _add(reasons[place], SCHEMA, reason)
        return fields, _Texts(self.mapping.fields, fields)

    def _rules(
        self, texts: "_Texts", rows: int, reasons: dict[int, dict[str, str]]
    ) -> tuple[dict[str, int], dict[str, list[int]]]:
        """Judges by Pandera; counts what is broken, and adds what blocks to the reasons."""
        broken: dict[str, int] = defaultdict(int)
        warned: dict[str, list[int]] = {}
        if not self._schema.columns:
            return broken, warned
        frame, unread = self._frame(texts, rows)
        verdict = pandera_schema.judge(self._schema, frame)
        for column, places in verdict.nulls.items():
            for place in places:
                if not any(f"column {column} " in r for r in reasons.get(place, {}).values()):
                    _add(reasons[place], SCHEMA, f"column {column} is NULL but required")
        for rule in self.mapping.rules:
            places = verdict.broken.get(rule.name, frozenset()) | (
                unread.get(rule.columns[0], frozenset()) if rule.kind == "range" else frozenset()
            )
            broken[rule.name] += len(places)
            if rule.names_rows:
                for place in places:
                    _add(reasons[place], rule.name, rule.description)
            elif places:
                warned[rule.name] = sorted(places)
        return broken, warned

    def _frame(self, texts: "_Texts", rows: int) -> tuple[pd.DataFrame, dict[str, frozenset[int]]]:
        """The columns that rules speak of, typed as `pandera_schema` says, and the places where a
        value has no place among numbers (NaN)."""
        columns: dict[str, pd.Series] = {}
        unread: dict[str, frozenset[int]] = {}
        ranged = {r.columns[0] for r in self.mapping.rules if r.kind in ("range", "invalid")}
        for item in self.mapping.fields:
            name = item.column.name
            if name not in self._schema.columns:
                continue
            values = texts[name]
            if name in ranged and (cast := _comparable(item.pgtype)):
                made = self._cast(values, cast)
                lost = pc.and_(pc.is_null(made), pc.is_valid(values))
                unread[name] = frozenset(int(p) for p in lost.to_numpy(zero_copy_only=False).nonzero()[0])
                values = made
            columns[name] = pd.Series(values.to_pandas(types_mapper=pd.ArrowDtype))
        return pd.DataFrame(columns, index=pd.RangeIndex(rows)), unread

    def _cast(self, values: pa.Array, cast: str) -> pa.Array:
        self._casts.register("t", pa.table({"v": values}))
        return self._casts.sql(f"SELECT {cast} AS v FROM t").to_arrow_table().column("v").combine_chunks()  # noqa: S608

    def _keys(self, texts: "_Texts", first: int) -> Callable[[int], str]:
        return lambda place: shown_key(
            self.mapping.contract,
            {n: texts[n][place].as_py() for n in self.mapping.contract.primary_key},
            first + place,
        )

    def _row(self, raw: Sequence[pa.Array], place: int) -> str:
        pairs = zip(self.mapping.reading, raw, strict=True)
        return json.dumps({c.name: copy_text.decoded(a.slice(place, 1))[0].as_py() for c, a in pairs})

    def _hashes(self, rule: Rule, fields: Sequence[pa.Array], reasons: Mapping[int, Any]) -> bytes:
        names = [f.column.name for f in self.mapping.fields]
        columns = [fields[names.index(name)] for name in rule.columns]
        joined = pc.binary_join_element_wise(*columns, "\t", null_handling="emit_null")
        nothing = bytes(16)
        return b"".join(
            nothing if text is None or place in reasons else xxh3_128_digest(text)
            for place, text in enumerate(joined.cast(pa.binary()).to_pylist())
        )


class _Texts:
    """Decoded target values by column, each made once and only when asked for."""

    def __init__(self, fields: Sequence[Field], columns: Sequence[pa.Array]) -> None:
        self._encoded = {f.column.name: c for f, c in zip(fields, columns, strict=True)}
        self._decoded: dict[str, pa.Array] = {}

    def __getitem__(self, name: str) -> pa.Array:
        if name not in self._decoded:
            self._decoded[name] = copy_text.decoded(self._encoded[name])
        return self._decoded[name]


def shown_key(contract: Contract, key: Mapping[str, str | None], number: int) -> str:
    """A row's key for people: `column=value`, personal values as a hash; `row n` without a key."""
    if not key or any(value is None for value in key.values()):
        return f"row {number}"
    shown = []
    for name, value in key.items():
        if contract.column(name).personal:
            value = "#" + hashlib.sha256(str(value).encode()).hexdigest()[:8]
        shown.append(f"{name}={value}")
    return ", ".join(shown)


def _add(reasons: dict[str, str], check: str, reason: str) -> None:
    reasons[check] = f"{reasons[check]}; {reason}" if check in reasons else reason


def _comparable(pgtype: PgType) -> str | None:
    """DuckDB's expression over text `v` for values that limits can be compared with."""
    match pgtype.family:
        case "integer":
            return "TRY_CAST(v AS BIGINT)"
        case "numeric" if pgtype.precision is not None and pgtype.precision <= 38 and pgtype.scale >= 0:
            return f"TRY_CAST(v AS DECIMAL({max(pgtype.precision, pgtype.scale)},{pgtype.scale}))"
        case "numeric":
            return "TRY_CAST(v AS DECIMAL(38,10))"
        case "float":
            return "TRY_CAST(v AS DOUBLE)"
        case "date" | "timestamp" | "timestamptz":
            moment = "TRY_CAST(replace(v, ' BC', ' (BC)') AS TIMESTAMP)"
            return (
                "CASE v WHEN 'infinity' THEN 9223372036854775807 WHEN '-infinity' THEN -9223372036854775807 "
                f"ELSE epoch_us({moment}) END"
            )
        case _:
            return None


def _ready(mapping: TableMapping) -> list[Rule]:
    """Rules with limits as the frame's columns are typed."""
    types = {f.column.name: f.pgtype for f in mapping.fields}
    ready: list[Rule] = []
    for rule in mapping.rules:
        if rule.kind in ("range", "invalid") and rule.columns:
            limits = {k: _limit(types[rule.columns[0]], v) for k, v in rule.limits.items()}
            rule = replace(rule, limits=limits)
        ready.append(rule)
    return ready


def _limit(pgtype: PgType, limit: object) -> object:
    if pgtype.family in ("date", "timestamp", "timestamptz") and isinstance(limit, str):
        moment = datetime.fromisoformat(limit)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    if pgtype.family == "float" and isinstance(limit, int | Decimal):
        return float(limit)
    if pgtype.family == "integer" and isinstance(limit, Decimal):
        return int(limit) if limit == limit.to_integral_value() else float(limit)
    if pgtype.family == "numeric" and isinstance(limit, int | float):
        return Decimal(str(limit))
    return limit
