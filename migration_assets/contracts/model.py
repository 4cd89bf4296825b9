"""The words of a contract, frozen and without I/O; nothing here knows what ODCS calls them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from migration_assets.contracts.limits import NO_LIMITS, Limits

if TYPE_CHECKING:
    from migration_assets.contracts.bucket_model import Bucket

Scalar = int | str | Decimal | date | datetime
Grain = Literal["hour", "day", "week", "month", "year"]
GRAINS: tuple[Grain, ...] = ("hour", "day", "week", "month", "year")


@dataclass(frozen=True)
class Server:
    """A named connection; the credential is in the environment, as `<NAME>_URL`."""

    name: str
    type: str
    schema: str | None = None
    #: "verify-full" unless the contract says otherwise in so many words
    tls: Literal["verify-full", "verify-ca", "require", "disable"] = "verify-full"
    #: what holds where `migrate limits` says nothing else
    limits: Limits = NO_LIMITS
    #: of a bucket or a repository: its URL and its server's, where the environment says nothing else
    location: str = ""
    endpoint: str = ""

    @property
    def variable(self) -> str:
        return self.name.upper().replace("-", "_") + "_URL"


@dataclass(frozen=True)
class TableName:
    """A table, with its schema (or database) where one is said."""

    schema: str | None
    name: str

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}" if self.schema else self.name

    @classmethod
    def parse(cls, text: str, default_schema: str | None = None) -> "TableName":
        """`schema.table` or `table`; a part with a dot in it stands in double quotes."""
        parts: list[str] = []
        rest = text
        while rest:
            if rest.startswith('"'):
                end = 1
                while (end := rest.index('"', end)) + 1 < len(rest) and rest[end + 1] == '"':
                    end += 2
                parts.append(rest[1:end].replace('""', '"'))
                after = rest[end + 1 :]
                if after and not (after.startswith(".") and after != "."):
                    raise ValueError(f"{text!r} goes on behind a closing quote")
                rest = after.removeprefix(".")
            else:
                part, _, rest = rest.partition(".")
                parts.append(part)
        if len(parts) == 1:
            return cls(default_schema, parts[0])
        if len(parts) == 2:
            return cls(parts[0], parts[1])
        raise ValueError(f"{text!r} is not `table` or `schema.table`")


@dataclass(frozen=True)
class Quality:
    """One `quality` entry of the standard."""

    name: str
    kind: Literal["sql", "metric"]
    blocking: bool
    description: str
    #: the operator of the standard (`mustBe`, `mustBeLessThan`, …) and its operand
    operator: str
    operand: object
    query: str = ""
    #: nullValues, missingValues, invalidValues, duplicateValues or rowCount
    metric: str = ""
    arguments: Mapping[str, object] = field(default_factory=dict)
    unit: Literal["rows", "percent"] = "rows"


@dataclass(frozen=True)
class Column:
    """A column of the target, and where its values come from."""

    name: str
    #: PostgreSQL's type, as written in `physicalType`
    type: str
    logical_type: str | None = None
    #: logicalTypeOptions: minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf,
    #: minLength, maxLength, pattern, format
    options: Mapping[str, object] = field(default_factory=dict)
    required: bool = False
    unique: bool = False
    enum: tuple[str, ...] = ()
    #: the source's columns that it is made from; one column and no expression is untouched
    sources: tuple[str, ...] = ()
    #: SQL over the source's columns, in DuckDB's dialect
    expression: str | None = None
    quality: tuple[Quality, ...] = ()
    default: str | None = None
    identity: Literal["always", "by default"] | None = None
    check: str | None = None
    description: str = ""
    classification: str | None = None
    tags: tuple[str, ...] = ()

    @property
    def untouched(self) -> bool:
        return self.expression is None and len(self.sources) == 1

    @property
    def personal(self) -> bool:
        """Whether its values may never be shown, not even as a key."""
        return (self.classification or "public").lower() not in ("public", "internal")


@dataclass(frozen=True)
class Reference:
    """A foreign key: columns here, the same number of columns in the parent contract's table."""

    columns: tuple[str, ...]
    #: the parent's contract (its `name`)
    parent: str
    parent_columns: tuple[str, ...]
    #: judged when the parent is complete; said in the contract to break a cycle
    deferred: bool = False


@dataclass(frozen=True)
class Index:
    columns: tuple[str, ...]
    unique: bool = False


@dataclass(frozen=True)
class ByTime:
    grain: Grain
    column: str
    start: datetime
    end: datetime | None = None


@dataclass(frozen=True)
class ByValue:
    column: str
    #: as written in the contract; empty: planned from the source and frozen
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class ByKey:
    column: str
    rows: int


@dataclass(frozen=True)
class Whole:
    """One partition, `all`."""


Partitioning = ByTime | ByValue | ByKey | Whole


@dataclass(frozen=True)
class Schedule:
    """When windows that have ended are moved by themselves."""

    #: five fields, or a name such as `@daily`
    cron: str
    timezone: str = "UTC"
    #: how many of the newest ended windows each tick also asks whether their source changed
    lookback: int = 7


@dataclass(frozen=True)
class RecordedColumn:
    """A column as the source declared it when the contract was written."""

    name: str
    declared: str
    required: bool
    #: the type that was proposed for the target
    proposed: str
    #: the values that it allowed, where its declared type does not say them itself
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Recorded:
    """The source's table as it was when the contract was written, by the source's names."""

    columns: tuple[RecordedColumn, ...]
    key: tuple[str, ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    #: foreign keys, in words
    references: tuple[str, ...] = ()


@dataclass(frozen=True)
class Contract:
    """One table to move, or one bucket: then tables are names to show, and there are no columns."""

    name: str
    version: str
    #: sha256 of what the file says, in hexadecimal
    digest: str
    file: str
    source: Server
    target: Server
    source_table: TableName
    target_table: TableName
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    references: tuple[Reference, ...] = ()
    indexes: tuple[Index, ...] = ()
    #: named SQL conditions that the target table carries
    checks: Mapping[str, str] = field(default_factory=dict)
    quality: tuple[Quality, ...] = ()
    partitioning: Partitioning = field(default_factory=Whole)
    #: SQL condition on the source's rows, in the source's dialect
    where: str | None = None
    load_mode: Literal["replace", "upsert"] = "replace"
    bad_rows: Literal["fail", "quarantine"] = "fail"
    zero_dates: Literal["refuse", "as_null"] = "refuse"
    #: `package.module:function`, DataFrame in, DataFrame out
    hook: str | None = None
    priority: int = 0
    keep_generations: int = 3
    domain: str = "migration"
    owners: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    description: str = ""
    #: as the standard knows the table; what relationships point to
    schema_name: str = ""
    #: None where no discovery wrote the contract
    recorded: Recorded | None = None
    #: a column of the source that rises whenever a row is written; None: rows are told by fingerprint
    watermark: str | None = None
    schedule: Schedule | None = None
    #: None: a table
    bucket: "Bucket | None" = None

    def column(self, name: str) -> Column:
        """The target column of that name; KeyError where there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def kind(self) -> Literal["tables", "buckets"]:
        return "buckets" if self.bucket else "tables"
