"""A contract of 200 small partitions and one whose windows come by themselves, for a code server.

A file tells what fails."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import dagster as dg

from migration_assets.checks.from_contract import specs
from migration_assets.contracts.model import ByTime, ByValue, Schedule
from migration_assets.defs.build import build_definitions
from migration_assets.planning.keys import partitions
from migration_assets_tests.control.fake_definitions import Told
from migration_assets_tests.control.shop import CUSTOMERS

KEYS = tuple(f"p{number:03d}" for number in range(199))
MANY = replace(CUSTOMERS, name="many", partitioning=ByValue("region", KEYS))
#: as many windows as there were years, so that there are few
YEARLY = replace(
    CUSTOMERS,
    name="yearly",
    partitioning=ByTime("year", "region", datetime.now(UTC).replace(tzinfo=None) - timedelta(days=1200)),
    schedule=Schedule("@daily"),
)
CONTRACTS = {contract.name: contract for contract in (MANY, YEARLY)}


@dg.definitions
def defs() -> dg.Definitions:
    return build_definitions(CONTRACTS, planner=partitions, checks=specs, engine=Told)
