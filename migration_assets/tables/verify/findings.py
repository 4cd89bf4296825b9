"""Findings: rows that the two sides do not have in common, named by their keys, and what differs in them."""

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from xxhash import xxh3_128_hexdigest

from migration_assets.contracts.model import Contract
from migration_assets.tables.row_key import shown_key
from migration_assets.tables.verify.line_keys import Key, fields_of, key_of, key_places, value_of
from migration_assets.tables.verify.side import Picked

Kind = Literal["missing", "extra", "changed"]
CLASSIFIED = "(classified)"


@dataclass(frozen=True)
class Values:
    """What both sides have in one column of a changed row; None where it is NULL."""

    column: str
    source: str | None
    target: str | None


@dataclass(frozen=True)
class Finding:
    """One key whose rows are not the same on both sides."""

    kind: Kind
    #: for people; personal values as a hash
    key: str
    #: of a changed row: the columns that differ
    columns: tuple[str, ...] = ()
    #: how many rows are too few or too many
    number: int = 1
    #: where a row without a key lies
    where: str = ""
    #: only on request, and never of classified columns
    values: tuple[Values, ...] = ()

    @property
    def reason(self) -> str:
        if self.kind == "changed":
            return f"changed in the target: {', '.join(self.columns)}" if self.columns else "changed"
        times = f" ({self.number} rows)" if self.number > 1 else ""
        where = f" ({self.where})" if self.where else ""
        return f"{self.kind} in the target{times}{where}"


@dataclass(frozen=True)
class Rows:
    """Lines of both sides that are in question, by key; without a key each line is its own."""

    contract: Contract
    #: the columns of a line
    columns: Sequence[str]
    source: Mapping[Key, Counter[bytes]] = field(default_factory=dict)
    target: Mapping[Key, Counter[bytes]] = field(default_factory=dict)
    #: where lines without a key lie
    where: Mapping[bytes, str] = field(default_factory=dict)

    @property
    def keys(self) -> list[Key]:
        """The keys whose rows differ, in the order of the source, then of the target."""
        both = dict.fromkeys([*self.source, *self.target])
        return [key for key in both if self.source.get(key) != self.target.get(key)]

    def of(self, keys: Collection[Key]) -> "Rows":
        return Rows(
            self.contract,
            self.columns,
            {key: rows for key, rows in self.source.items() if key in keys},
            {key: rows for key, rows in self.target.items() if key in keys},
            self.where,
        )


def rows(
    contract: Contract, columns: Sequence[str], source: Sequence[Picked], target: Sequence[Picked]
) -> Rows:
    where = {row.line: row.where for row in (*source, *target)} if not contract.primary_key else {}
    return Rows(
        contract,
        columns,
        by_key(contract, columns, [row.line for row in source]),
        by_key(contract, columns, [row.line for row in target]),
        where,
    )


def by_key(contract: Contract, columns: Sequence[str], lines: Sequence[bytes]) -> dict[Key, Counter[bytes]]:
    places = key_places(contract, columns)
    found: dict[Key, Counter[bytes]] = {}
    for line in lines:
        found.setdefault(key_of(line, places) if places else (line,), Counter())[line] += 1
    return found


def findings(found: Rows, *, show_values: bool = False) -> tuple[Finding, ...]:
    """One for each key whose rows differ.

    source            target            finding
    some rows         none              missing
    none              some rows         extra
    rows              the same, fewer   missing (as many as are too few)
    rows              the same, more    extra (as many as are too many)
    rows              other rows        changed, with the columns that differ
    """
    return tuple(_finding(found, key, show_values) for key in found.keys)


def _finding(found: Rows, key: Key, show_values: bool) -> Finding:
    ours, theirs = found.source.get(key, Counter()), found.target.get(key, Counter())
    missing, extra = ours - theirs, theirs - ours
    shown = _shown(found, key)
    if missing and extra:
        columns = _differing(found, next(iter(missing)), next(iter(extra)))
        values = _values(found, next(iter(missing)), next(iter(extra)), columns) if show_values else ()
        return Finding("changed", shown, columns, max(missing.total(), extra.total()), values=values)
    lines = missing or extra
    where = found.where.get(next(iter(lines)), "")
    return Finding("missing" if missing else "extra", shown, number=lines.total(), where=where)


def _shown(found: Rows, key: Key) -> str:
    names = found.contract.primary_key
    if not names:
        return f"row #{xxh3_128_hexdigest(key[0])[:12]}"
    values = dict(zip(names, map(value_of, key), strict=True))
    if any(value is None for value in values.values()):
        return "key " + ", ".join(
            f"{name} is NULL" if value is None else _one(found.contract, name, value)
            for name, value in values.items()
        )
    return shown_key(found.contract, values, 0)


def _one(contract: Contract, name: str, value: str) -> str:
    if contract.column(name).personal:
        value = "#" + hashlib.sha256(value.encode()).hexdigest()[:8]
    return f"{name}={value}"


def _differing(found: Rows, ours: bytes, theirs: bytes) -> tuple[str, ...]:
    pairs = zip(found.columns, fields_of(ours), fields_of(theirs), strict=True)
    return tuple(name for name, one, other in pairs if one != other)


def _values(found: Rows, ours: bytes, theirs: bytes, columns: Sequence[str]) -> tuple[Values, ...]:
    pairs = zip(found.columns, fields_of(ours), fields_of(theirs), strict=True)
    return tuple(
        Values(name, CLASSIFIED, CLASSIFIED)
        if found.contract.column(name).personal
        else Values(name, value_of(one), value_of(other))
        for name, one, other in pairs
        if name in columns
    )
