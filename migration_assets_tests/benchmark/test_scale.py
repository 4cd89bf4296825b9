"""A small sample of what `make bench-scale` measures, with bounds that a busy machine keeps."""

import json
from pathlib import Path

from benchmark import scale
from benchmark.scale_contracts import FAMILY, name_of, write
from benchmark.scale_growth import exponent
from benchmark.scale_world import world
from migration_assets.contracts.loader import load
from migration_assets.planning.keys import partitions

#: CPU seconds; about twice what was measured, with Dagster's own import
DEFINITIONS_OF_A_HUNDRED, RUN_OF_ONE_PARTITION = 3.0, 6.0


def test_the_contracts_are_whole_and_have_as_many_partitions_as_asked_for(tmp_path: Path) -> None:
    for number in (1, 2, 1_000):
        write(tmp_path / str(number), 2 * FAMILY, number)
        made = load(tmp_path / str(number))
        assert len(made) == 2 * FAMILY
        assert {len(partitions(contract)) for contract in made.values()} == {number}
        assert [each.parent for each in made[name_of(FAMILY + 1)].references] == [name_of(FAMILY)]
        assert made[name_of(FAMILY)].references == ()


def definitions(folder: Path, contracts: int, number: int) -> float:
    with world(folder / f"{contracts}x{number}", contracts, number, rows=False) as one:
        out = folder / "load.json"
        assert one.command("-m", "benchmark.scale_load", out=out).exit_code == 0
    return float(json.loads(out.read_text().splitlines()[-1])["cpu_s"])


def test_definitions_do_not_run_away_as_contracts_and_partitions_grow(tmp_path: Path) -> None:
    """Up to two hundred contracts have a job each, whose cost grows with their square."""
    costs = {number: definitions(tmp_path, number, 1) for number in (25, 100)}
    print(f"definitions: {costs} CPU s")
    assert costs[100] < DEFINITIONS_OF_A_HUNDRED
    assert exponent(costs) < 1.3
    few, many = (definitions(tmp_path, 1, number) for number in (1_000, 20_000))
    print(f"definitions of 1,000 and of 20,000 partitions: {few}, {many} CPU s")
    assert many < 3 * few


def test_a_run_is_verified_and_its_process_costs_little(tmp_path: Path) -> None:
    found = scale.run(scale.Size(1, 3), tmp_path, print)
    assert found["verified"]
    assert found["runs"] == 1
    one = found["one_partition"]
    assert isinstance(one, dict)
    assert one["exit_code"] == 0
    assert 0 < float(one["cpu_s_of_its_run"]) < RUN_OF_ONE_PARTITION


def test_a_webserver_answers_with_every_asset(tmp_path: Path) -> None:
    found = scale.catalog(scale.Size(5, 1), tmp_path, print)
    for question in ("catalog", "graph"):
        (first, again) = found[question]  # type: ignore[misc]
        assert first["bytes"] == again["bytes"] > 1_000
