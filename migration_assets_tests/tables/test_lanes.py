"""Partitions side by side: the same rows, the same verdicts, and nothing left behind by who is killed."""

import os
import pickle
import signal
import time
from pathlib import Path

import pytest

from migration_assets import errors
from migration_assets.contracts.model import ByKey
from migration_assets.errors import ConnectionRefused, MigrationError, StructureDiffers
from migration_assets.stages.report import STAGES
from migration_assets.stages.way import StageResult
from migration_assets.tables import engine, side_by_side
from migration_assets.tables.lanes import number_of_lanes
from migration_assets.tables.plan import plan_partitions
from migration_assets_tests.tables.shop import ORDERS, Shop

ROWS = "SELECT id, customer_id, note FROM shop.orders ORDER BY 1"
OLD_ROWS = "SELECT ordno, custno, note FROM ordhdr ORDER BY 1"
SLEEPING = "SELECT client_port FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
LEDGER = "SELECT partition, generation, loaded FROM migration.load WHERE state = 'loaded' ORDER BY 1, 2"
WAITS = (
    "CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN IF NEW.id = {id} THEN PERFORM pg_sleep({seconds}); END IF; RETURN NEW; END $$",
    "CREATE TRIGGER {name} BEFORE INSERT ON shop.orders FOR EACH ROW EXECUTE FUNCTION {name}()",
)


@pytest.fixture
def orders(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """300 orders in ranges of 60, long enough for lanes; their table is there, with nothing in it."""
    monkeypatch.setattr(side_by_side, "MANY_ROWS", 1)
    contract = shop.contract(ORDERS, partitioning=ByKey("ordno", 60), references=())
    plan_partitions(contract, shop.environment)
    shop.run("orders", "0001", "before")
    shop.ask_new("DELETE FROM shop.orders", "DELETE FROM migration.load")
    return shop


def moved(shop: Shop, lanes: int, run_id: str = "run-1") -> list[StageResult]:
    migration = engine.TableMigration(
        shop.contracts["orders"], shop.contracts, shop.environment | {"MIGRATION_LANES": str(lanes)}
    )
    return list(migration.move([p.key for p in migration.partitions()], STAGES, run_id))


def waits_at(shop: Shop, row: int, seconds: float) -> None:
    shop.ask_new(*(each.format(name="waits", id=row, seconds=seconds) for each in WAITS))


def children() -> list[int]:
    """Processes whose parent is this one."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                state = (folder / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if int(state[1]) == os.getpid():
                found.append(int(folder.name))
    return found


def lanes_of(opener: int) -> list[int]:
    children_of = Path(f"/proc/{opener}/task/{opener}/children")
    return [int(pid) for pid in children_of.read_text().split()]


def test_lanes_move_what_one_after_another_would_have_moved(orders: Shop) -> None:
    steps = moved(orders, 3)

    assert [step.failure for step in steps] == [""] * len(steps)
    assert orders.ask_new(ROWS) == orders.ask_old(OLD_ROWS)
    by_partition: dict[str, list[str]] = {}
    for step in steps:
        assert step.report is not None
        by_partition.setdefault(step.partition, []).append(step.report.stage)
    assert by_partition == {key: list(STAGES) for key in ("0001", "0002", "0003", "0004", "0005", "rest")}
    assert orders.ask_new(LEDGER)[0] == ("0001", 1, 60)


def test_a_partition_that_fails_in_its_lane_leaves_the_others_alone(orders: Shop) -> None:
    orders.ask_old("UPDATE ordhdr SET ordno = 61 WHERE ordno = 62")  # a key twice
    steps = moved(orders, 2)

    failed = [(step.partition, step.stage) for step in steps if step.failure]
    assert failed == [("0002", "loaded")] or failed == [("0002", "transformed")]
    assert orders.ask_new("SELECT count(*) FROM shop.orders") == [(240,)]


def test_a_lane_that_is_killed_costs_its_partition_alone_and_the_next_run_recovers(orders: Shop) -> None:
    waits_at(orders, 70, 60)
    before = set(children())
    migration = engine.TableMigration(
        orders.contracts["orders"], orders.contracts, orders.environment | {"MIGRATION_LANES": "2"}
    )
    steps: list[StageResult] = []
    killed = False  # what the lane had told before may come after the others are done
    for step in migration.move(["0002", "0001", "0003", "0004"], STAGES, "run-1"):
        steps.append(step)
        if not killed and (step.partition, step.stage) == ("0004", "loaded"):
            killed = True
            # what still runs is the lane that waits
            (opener,) = set(children()) - before
            until = time.monotonic() + 30
            while not (waiting := orders.ask_new(SLEEPING)) and time.monotonic() < until:
                time.sleep(0.02)
            assert len(waiting) == 1
            for pid in lanes_of(opener):
                os.kill(pid, signal.SIGKILL)
            # the server would notice when its statement ends
            orders.ask_new(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
            )

    failed = [(step.partition, step.stage) for step in steps if step.failure]
    assert failed == [("0002", "loaded")]
    assert "killed" in next(step.failure for step in steps if step.failure)
    assert orders.ask_new("SELECT count(*) FROM shop.orders WHERE id BETWEEN 61 AND 120") == [(0,)]
    orders.ask_new("DROP TRIGGER waits ON shop.orders")
    assert [step.failure for step in moved(orders, 2, "run-2") if step.failure] == []
    assert orders.ask_new(ROWS) == orders.ask_old(OLD_ROWS)


def test_whoever_stops_asking_ends_the_lanes_and_what_they_were_doing(orders: Shop) -> None:
    waits_at(orders, 70, 60)
    before = set(children())
    migration = engine.TableMigration(
        orders.contracts["orders"], orders.contracts, orders.environment | {"MIGRATION_LANES": "2"}
    )
    steps = migration.move(["0002", "0001"], STAGES, "run-1")
    while next(steps).partition != "0001":
        pass
    steps.close()  # type: ignore[attr-defined]

    assert set(children()) == before
    sleeping = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
    orders.ask_new("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")
    ended = time.monotonic() + 10
    while orders.ask_new(sleeping) != [(0,)] and time.monotonic() < ended:
        time.sleep(0.05)
    assert orders.ask_new("SELECT count(*) FROM shop.orders WHERE id BETWEEN 61 AND 120") == [(0,)]


def test_lanes_are_opened_only_where_partitions_take_long(
    orders: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("lanes were opened")

    monkeypatch.setattr(side_by_side, "Lanes", never)
    monkeypatch.setattr(side_by_side, "MANY_ROWS", 1_000)
    assert not any(step.failure for step in moved(orders, 2))


@pytest.mark.parametrize(("said", "number"), [("1", 1), ("7", 7)])
def test_the_number_of_lanes_can_be_said(said: str, number: int) -> None:
    assert number_of_lanes({"MIGRATION_LANES": said}) == number


@pytest.mark.parametrize("said", ["0", "-1", "two", "1.5"])
def test_a_number_of_lanes_that_is_none_is_refused(said: str) -> None:
    with pytest.raises(ConnectionRefused, match="MIGRATION_LANES"):
        number_of_lanes({"MIGRATION_LANES": said})


def test_an_error_is_the_same_after_its_way_from_another_process() -> None:
    made = [
        kind("What went wrong.", advice="Do this.")
        for kind in vars(errors).values()
        if isinstance(kind, type)
        and issubclass(kind, MigrationError)
        and not issubclass(kind, errors.ContractFaults | StructureDiffers)
    ]
    made.append(StructureDiffers("shop.orders", ("column id is text",)))
    made.append(errors.ContractFaults([errors.Fault("a.yaml", "name", "is missing")]))
    for error in made:
        again = pickle.loads(pickle.dumps(error))
        assert type(again) is type(error)
        assert str(again) == str(error)
        assert again.__dict__ == error.__dict__
