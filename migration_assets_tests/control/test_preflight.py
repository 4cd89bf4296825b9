"""How many connections a migration may need at once, by what Dagster's configuration says."""

from pathlib import Path

import pytest

from migration_assets.control.preflight import RUNS, at_once, runs_at_once


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("concurrency: {runs: {max_concurrent_runs: 2}}", 2),
        ("run_coordinator: {module: m, class: c, config: {max_concurrent_runs: 3}}", 3),
        ("concurrency: {runs: {max_concurrent_runs: -1}}", RUNS),
        ("telemetry: {enabled: false}", RUNS),
        ("", RUNS),
        ("{", RUNS),
    ],
)
def test_runs_at_once_are_those_of_dagster_yaml(tmp_path: Path, text: str, runs: int) -> None:
    (tmp_path / "dagster.yaml").write_text(text)

    assert runs_at_once({"DAGSTER_HOME": str(tmp_path)}) == runs


def test_without_a_dagster_yaml_it_is_dagster_s_own_number(tmp_path: Path) -> None:
    assert runs_at_once({"DAGSTER_HOME": str(tmp_path)}) == RUNS


def test_every_run_has_its_lanes_and_a_connection_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "dagster.yaml").write_text("concurrency: {runs: {max_concurrent_runs: 2}}")

    assert at_once({"DAGSTER_HOME": str(tmp_path), "MIGRATION_LANES": "3"}) == 8
