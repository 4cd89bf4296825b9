"""One contract of 200 small partitions, for a code server; told by a file what fails."""

from dataclasses import replace

import dagster as dg

from migration_assets.checks.from_contract import specs
from migration_assets.contracts.model import ByValue
from migration_assets.defs.build import build_definitions
from migration_assets.planning.keys import partitions
from migration_assets_tests.control.fake_definitions import Told
from migration_assets_tests.control.shop import CUSTOMERS

KEYS = tuple(f"p{number:03d}" for number in range(199))
MANY = replace(CUSTOMERS, name="many", partitioning=ByValue("region", KEYS))


@dg.definitions
def defs() -> dg.Definitions:
    return build_definitions({"many": MANY}, planner=partitions, checks=specs, engine=Told)
