"""The contract's SQL over objects, a batch at a time: texts for keys, headers, metadata and tags."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from migration_assets.buckets.model import Attributes, Found

# most contracts of a bucket have no expression, and these two take a fifth of a second to import
if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


@dataclass(frozen=True)
class Said:
    """What the expressions give for one object, by where they stand in the contract; None is NULL."""

    texts: Mapping[str, str | None] = field(default_factory=dict)
    #: why there is nothing; it names the expression and never a value
    fault: str = ""


class Expressions:
    """Those of one contract, by where they stand."""

    def __init__(self, expressions: Mapping[str, str]) -> None:
        self._places = tuple(expressions)
        self._selected = ", ".join(
            f"CAST(({text}\n) AS VARCHAR) AS _{at}" for at, text in enumerate(expressions.values())
        )
        self._one = {
            name: f"SELECT CAST(({text}\n) AS VARCHAR) FROM objects"  # noqa: S608
            for name, text in expressions.items()
        }
        self._database: duckdb.DuckDBPyConnection | None = None

    def evaluate(self, objects: Sequence[tuple[Found, Attributes | None]]) -> list[Said]:
        """One for each object, in their order."""
        if not self._places:
            return [Said()] * len(objects)
        import duckdb

        if self._database is None:
            self._database = duckdb.connect(config={"threads": 1})
            self._database.execute("SET enable_external_access = false; SET lock_configuration = true")
        return self._together(_table(objects))

    def _together(self, table: "pa.Table") -> list[Said]:
        """What one object's expressions cannot be evaluated for is found by halves."""
        import duckdb

        try:
            rows = self._asked(table, f"SELECT {self._selected} FROM objects ORDER BY place")  # noqa: S608
        except duckdb.Error:
            if table.num_rows == 1:
                return [self._alone(table)]
            half = table.num_rows // 2
            return self._together(table.slice(0, half)) + self._together(table.slice(half))
        return [Said(dict(zip(self._places, row, strict=True))) for row in rows]

    def _alone(self, table: "pa.Table") -> Said:
        """One object, each expression for itself: what cannot be evaluated is named."""
        import duckdb

        texts: dict[str, str | None] = {}
        for name, query in self._one.items():
            try:
                ((texts[name],),) = self._asked(table, query)
            except duckdb.Error as error:
                return Said(fault=f"`{name}` cannot be evaluated for it ({type(error).__name__})")
        return Said(texts)

    def _asked(self, table: "pa.Table", query: str) -> list[tuple[str | None, ...]]:
        assert self._database
        self._database.register("objects", table)
        try:
            return self._database.execute(query).fetchall()
        finally:
            self._database.unregister("objects")


def _schema() -> "pa.Schema":
    """What an expression may name."""
    import pyarrow as pa

    texts = pa.map_(pa.string(), pa.string())
    return pa.schema(
        [
            ("place", pa.int64()),
            ("key", pa.string()),
            ("size", pa.int64()),
            ("etag", pa.string()),
            ("modified", pa.timestamp("us")),
            ("storage_class", pa.string()),
            ("headers", texts),
            ("metadata", texts),
            ("tags", texts),
        ]
    )


def _table(objects: Sequence[tuple[Found, Attributes | None]]) -> "pa.Table":
    import pyarrow as pa

    fields = _schema()
    found = [one for one, _ in objects]
    asked = [attributes or Attributes() for _, attributes in objects]
    columns = [
        list(range(len(objects))),
        [one.key for one in found],
        [one.size for one in found],
        [one.etag for one in found],
        [_moment(one.modified) for one in found],
        [one.storage_class for one in found],
        [list(each.headers.items()) for each in asked],
        [list(each.metadata.items()) for each in asked],
        [list(dict(each.tags).items()) for each in asked],
    ]
    arrays = [pa.array(column, field.type) for column, field in zip(columns, fields, strict=True)]
    return pa.Table.from_arrays(arrays, schema=fields)


def _moment(text: str) -> datetime | None:
    """In UTC, without a zone."""
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00")).replace(tzinfo=None)
    except ValueError:
        return None
