"""The Python hook over a batch: its columns as a typed frame, and the frame that it returns as texts."""

from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from migration_assets.tables.copy_text import pc
from migration_assets.tables.duckdb_text import printed
from migration_assets.tables.expressions import Misfits
from migration_assets.tables.hook import applied, imported, text
from migration_assets.tables.mapping import Field, Mapping
from migration_assets.tables.reading_sql import ReadingSql


class Hooked:
    """Runs the hook of one mapping."""

    def __init__(self, mapping: Mapping, database: duckdb.DuckDBPyConnection) -> None:
        self._fields = mapping.fields
        self._path = mapping.contract.hook or ""
        self._hook = imported(self._path)
        self._database = database
        self._sql = ReadingSql(mapping)

    def evaluate(self, batch: pa.Table) -> tuple[dict[str, pa.Array], Misfits]:
        """What the hook makes of all columns, and the rows whose values it could not be given."""
        self._database.register("batch", batch)
        places = range(len(self._sql.names))
        typed = self._database.sql(self._sql.typed("batch", places)).to_arrow_table()
        misfits: Misfits = {}
        for place, name in enumerate(self._sql.names):
            lost = pc.and_(pc.is_null(typed.column(name)), pc.is_valid(batch.column(name)))
            for row in pc.indices_nonzero(lost).to_pylist():
                misfits[row] = self._sql.complaint(place)
        frame = applied(self._hook, self._path, typed.to_pandas(types_mapper=pd.ArrowDtype))
        made = {
            item.column.name: self._texts(frame[item.column.name], item)
            for item in self._fields
            if item.column.name in frame.columns
        }
        return made, misfits

    def _texts(self, values: Any, item: Field) -> pa.Array:
        """Arrow's values by DuckDB, as Python has no dates before Christ and no infinity among them."""
        if not isinstance(values.dtype, pd.ArrowDtype):
            return pa.array([text(value) for value in values.tolist()], pa.string())
        self._database.register("hooked", pa.table({"v": pa.chunked_array(values.array.__arrow_array__())}))
        made = str(self._database.execute("DESCRIBE SELECT v FROM hooked").fetchall()[0][1])
        shown = self._database.sql(f"SELECT {printed('v', made, item.pgtype)} AS v FROM hooked")  # noqa: S608
        return shown.to_arrow_table().column("v").combine_chunks().cast(pa.string())
