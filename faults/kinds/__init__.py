"""All kinds of faults, by name."""

from collections.abc import Mapping

from faults import mounts
from faults.kinds.base import ANY, Kind
from faults.kinds.commit import lost_commit
from faults.kinds.crowd import crowd
from faults.kinds.cut import cut_source, cut_target
from faults.kinds.disk import disk_staging, disk_tablespace
from faults.kinds.drift import drift
from faults.kinds.kill import kill_group, kill_parent
from faults.kinds.moving import moving_rows, swapped_rows
from faults.kinds.restart import restart_source, restart_target
from faults.kinds.skew import clock
from faults.kinds.stale import stale_writer
from faults.kinds.whole_run import run_disk_full, run_kill_group, run_kill_parent, run_restart_target

#: with rows from a MariaDB, where there is one
EITHER = {**ANY, "stock": 2}
#: without rows that are set aside, for which `migrate run` itself ends with 1
PLAIN = {"readings": 1}

_ALL = (
    Kind("kill-group", kill_group, 16, EITHER),
    Kind("kill-parent", kill_parent, 6, {"lots": 1}, partitions=4),
    Kind("stale-writer", stale_writer, 10, EITHER),
    Kind("cut-source", cut_source, 8, {**ANY, "stock": 5}),
    Kind("cut-target", cut_target, 10, EITHER),
    Kind("lost-commit", lost_commit, 10, ANY),
    Kind("restart-target", restart_target, 6, ANY),
    Kind("restart-source", restart_source, 6, {**ANY, "stock": 5}),
    Kind("disk-staging", disk_staging, 5, ANY, missing=mounts.missing),
    Kind("disk-tablespace", disk_tablespace, 5, {"readings": 1}, missing=mounts.missing),
    Kind("clock", clock, 6, ANY),
    Kind("crowd", crowd, 5, ANY),
    Kind("moving-rows", moving_rows, 7, ANY, partitions=0),
    Kind("swapped-rows", swapped_rows, 5, {"visits": 1}, partitions=0),
    Kind("drift", drift, 7, ANY),
    Kind("run-kill-group", run_kill_group, 2, PLAIN),
    Kind("run-kill-parent", run_kill_parent, 2, PLAIN),
    Kind("run-disk-full", run_disk_full, 1, PLAIN, missing=mounts.missing),
    Kind("run-restart-target", run_restart_target, 1, PLAIN),
)
KINDS: Mapping[str, Kind] = {kind.name: kind for kind in _ALL}

__all__ = ["KINDS", "Kind"]
