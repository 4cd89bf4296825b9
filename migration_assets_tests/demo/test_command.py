"""`migrate demo` as it is typed, in a project of its own."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from migration_assets.demo import world
from migration_assets.demo.server import connected, running

ROOT = Path(__file__).resolve().parents[2]
SCALE = 0.001


@pytest.fixture
def project(folder: Path) -> Path:
    """What a clone has, where nothing was made yet."""
    for name in ("migration_assets", "data_contracts"):
        ignored = shutil.ignore_patterns("__pycache__", "*.partitions.json")
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    for name in ("pyproject.toml", "dagster.yaml", "workspace.yaml"):
        shutil.copy(ROOT / name, folder)
    return folder


def demo(project: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    ours = ("LEGACY_URL", "CLOUD_URL", "DAGSTER_HOME", "MIGRATION_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    command = [sys.executable, "-c", "from migration_assets.cli.main import main; main()", "demo", *options]
    return subprocess.run(
        command,
        cwd=project,
        env={**environment, "PYTHONPATH": str(project)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_orphan_in_the_old_database_is_not_called_verified(project: Path) -> None:
    with running(project / ".migration" / "postgres") as server:
        world.make(server, SCALE, project / ".migration" / "tpch")
        with connected(server.url(world.LEGACY)) as cursor:
            cursor.execute('DELETE FROM "SHOPLIB"."PARTMAST" WHERE "PARTNO" = 77')

    ended = demo(project, "--scale", str(SCALE), "--json")

    assert ended.returncode == 1, ended.stderr
    told = json.loads(ended.stdout)
    verdicts = {each["contract"]: each for each in told["contracts"]}
    assert not told["verified"]
    assert verdicts["partsupp"]["checks"]["referential"]["failed"] == 1
    assert not verdicts["partsupp"]["verified"]
    assert not verdicts["lineitem"]["verified"], "its parent is not there"
    assert [name for name, each in verdicts.items() if each["verified"]] == [
        *("region", "nation", "supplier", "customer", "part", "orders", "catalogue"),
    ]
    assert not (project / ".migration" / "postgres" / "postmaster.pid").exists()


def test_a_scale_that_is_no_scale_is_refused_in_words(project: Path) -> None:
    ended = demo(project, "--scale", "-1", "--json")

    assert ended.returncode == 1
    assert "scale -1" in json.loads(ended.stdout)["error"]
    assert "Traceback" not in ended.stderr
    assert not (project / ".migration" / "postgres" / "postmaster.pid").exists()


def test_somebody_elses_env_file_stops_the_demo_before_anything_is_made(project: Path) -> None:
    (project / ".env").write_text("CLOUD_URL=postgresql://admin:secret@shop.example.com/shop\n")

    ended = demo(project, "--scale", str(SCALE))

    assert ended.returncode == 2
    assert "CLOUD_URL in .env is not the demo's" in ended.stderr
    assert "secret" not in ended.stdout + ended.stderr
    assert (project / ".env").read_text().startswith("CLOUD_URL=postgresql://admin")
