"""All contenders, by name: the limit, this project, and what a user would take instead."""

from benchmark.contenders.dlt import Dlt
from benchmark.contenders.pgcopydb import Pgcopydb
from benchmark.contenders.pgloader import Pgloader
from benchmark.contenders.pipe import Pipe
from benchmark.contenders.project import WHOLE, Project
from benchmark.contenders.sling import Sling
from benchmark.contenders.to_sql import ToSql
from benchmark.task import Contender

__all__ = ["CONTENDERS", "PIPE", "SERIAL", "WHOLE"]

#: what the others are compared with
PIPE = "pipe"
#: whose stages' seconds are told apart: where partitions go side by side, those of a stage overlap
SERIAL = "migration-assets one lane"

CONTENDERS: dict[str, Contender] = {
    contender.name: contender
    for contender in (
        Pipe(),
        Project(WHOLE, "whole_way"),
        Project("migration-assets engine", "engine_alone"),
        Project(SERIAL, "engine_alone", lanes=1),
        Pgcopydb(),
        Pgloader(),
        Sling(),
        Dlt("pyarrow"),
        Dlt("connectorx"),
        ToSql(),
    )
}
