"""One table by dlt, with the backend that is asked for. Runs in the environment of the peers."""

import json
import sys
from pathlib import Path

import dlt
from dlt.sources.sql_database import sql_table


def main(task: dict[str, str]) -> None:
    rows = sql_table(
        credentials=task["source"],
        table=task["table"],
        schema=task["schema"] or None,
        backend=task["backend"],
        chunk_size=100_000,
        reflection_level="full_with_precision",
        backend_kwargs={"conn": task["connectorx"]} if task["backend"] == "connectorx" else {},
    )
    pipeline = dlt.pipeline(
        "bench",
        pipelines_dir=str(Path(task["folder"]) / "dlt"),
        destination=dlt.destinations.postgres(credentials=task["target"]),
        dataset_name="tpch",
    )
    pipeline.run(rows, table_name=task["into"], write_disposition="append")


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
