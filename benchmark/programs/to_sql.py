"""One table by pandas, chunk after chunk into its empty copy. Runs in the environment of the peers."""

import json
import sys
from pathlib import Path

import pandas as pd
import sqlalchemy as sa


def main(task: dict[str, str]) -> None:
    reading, writing = sa.create_engine(task["source"]), sa.create_engine(task["target"])
    there = task["first"]
    with reading.connect().execution_options(stream_results=True) as rows, writing.begin() as into:
        for chunk in pd.read_sql_table(task["table"], rows, schema=task["schema"] or None, chunksize=10_000):
            chunk.to_sql(task["into"], into, schema="tpch", if_exists=there, index=False)
            there = "append"


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
