"""A lane: a process that takes partitions through their stages and tells its run what came of each.

    python -m migration_assets.tables.lane looking 7 8    one lane for each open socket of these numbers

The engine is imported once; the lanes are forked from it and share that memory. `looking` lanes, which
map or judge rows, share DuckDB and Pandera, too; `passing` ones need neither. A lane ends with its
run: when the other end of its socket is gone, what it is doing ends at once, and the databases roll
back what was not committed.
"""

import gc
import os
import select
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from multiprocessing.connection import Connection

from migration_assets.contracts.model import Contract
from migration_assets.stages.report import Stage
from migration_assets.stages.way import partition_moved
from migration_assets.tables.engine import TableMigration

LOOKING, PASSING = "looking", "passing"


@dataclass(frozen=True)
class Opening:
    """What a lane has to know; it travels by a socket, as the environment holds passwords."""

    contract: Contract
    contracts: dict[str, Contract]
    environment: dict[str, str]
    stages: tuple[Stage, ...]
    run_id: str
    #: where a contract's hook may be imported from
    path: tuple[str, ...]


def serve(connection: Connection) -> None:
    """Takes partitions until the run has no more: results go back, then None for each partition."""
    threading.Thread(target=_end_with, args=(connection.fileno(),), daemon=True).start()
    opening: Opening = connection.recv()
    sys.path[:] = opening.path
    migration = TableMigration(opening.contract, opening.contracts, opening.environment)
    while True:
        partition: str = connection.recv()
        for result in partition_moved(migration, partition, opening.stages, opening.run_id):
            connection.send(result)
        connection.send(None)


def _end_with(socket: int) -> None:
    """Ends this process when nobody is at the other end any more."""
    ended = select.poll()
    ended.register(socket, 0)  # a hang-up is told without being asked for
    while not ended.poll():
        pass
    os._exit(0)


def _warm() -> None:
    """Has Pandera import what it puts off until it is first used, so that the lanes share it."""
    import pandas as pd
    import pandera.pandas as pandera

    pandera.DataFrameSchema({"a": pandera.Column(checks=pandera.Check.gt(0))}).validate(
        pd.DataFrame({"a": [1]})
    )


def main(what: str, sockets: Sequence[int]) -> None:
    if what == LOOKING:
        import_module("migration_assets.tables.batch")
        _warm()
    gc.collect()
    gc.freeze()  # the collector would write to what the lanes share
    for own in sockets:
        if os.fork() == 0:
            for other in sockets:
                if other != own:
                    os.close(other)
            try:
                serve(Connection(own))
            except (EOFError, OSError):
                os._exit(0)  # the run has no more partitions
    for socket in sockets:
        os.close(socket)
    for _ in sockets:
        os.wait()
    os._exit(0)  # nothing is left to do, and DuckDB would complain of what was frozen


if __name__ == "__main__":
    main(sys.argv[1], [int(argument) for argument in sys.argv[2:]])
