"""Everything that Dagster sees of a small set of contracts: the public surface, pinned."""

import importlib
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from migration_assets import definitions
from migration_assets.errors import ContractFaults

ROOT = Path(__file__).resolve().parents[1]
SHOP = ROOT / "data_contracts" / "shop"

ASSETS = {
    "legacy/SHOPLIB/NATNPF": [],
    "legacy/SHOPLIB/REGNPF": [],
    "preflight/legacy/cloud": [],
    "profiles/nation": ["legacy/SHOPLIB/NATNPF"],
    "profiles/region": ["legacy/SHOPLIB/REGNPF"],
    "tables/nation/extracted": ["legacy/SHOPLIB/NATNPF"],
    "tables/nation/loaded": ["tables/nation/transformed", "tables/region/loaded"],
    "tables/nation/transformed": ["tables/nation/extracted"],
    "tables/region/extracted": ["legacy/SHOPLIB/REGNPF"],
    "tables/region/loaded": ["tables/region/transformed"],
    "tables/region/transformed": ["tables/region/extracted"],
    "wave_approvals": [],
    "wave_releases": [],
    "waves": [],
}
CHECKS = {
    "tables/nation/loaded": ["checksum", "count", "referential"],
    "tables/region/loaded": ["checksum", "count", "referential"],
}


@pytest.fixture
def contracts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Region and nation, as the shop has them."""
    for name in ("region", "nation"):
        shutil.copy(SHOP / f"{name}.odcs.yaml", tmp_path)
    monkeypatch.setenv("MIGRATION_CONTRACTS", str(tmp_path))
    return tmp_path


def made() -> dg.Definitions:
    found = definitions.defs()
    assert isinstance(found, dg.Definitions)
    return found


def test_the_assets_and_what_they_depend_on(contracts: Path) -> None:
    specs = made().resolve_all_asset_specs()
    found = {
        spec.key.to_user_string(): sorted(dep.asset_key.to_user_string() for dep in spec.deps)
        for spec in specs
    }
    assert found == ASSETS


def test_the_checks_of_what_is_loaded(contracts: Path) -> None:
    found: dict[str, list[str]] = {}
    for key in made().resolve_asset_graph().asset_check_keys:
        found.setdefault(key.asset_key.to_user_string(), []).append(key.name)
    assert {asset: sorted(names) for asset, names in found.items() if "loaded" in asset} == CHECKS
    assert "schema" in found["tables/region/transformed"]


def test_the_jobs_sensors_and_schedules(contracts: Path) -> None:
    repository = made().get_repository_def()
    assert sorted(name for name in repository.job_names if not name.startswith("__")) == [
        "certificate",
        "preflight",
        "prune_staging",
        "rollback",
        "tables_nation",
        "tables_region",
        "verify",
    ]
    assert [sensor.name for sensor in repository.sensor_defs] == ["waves"]
    assert sorted(schedule.name for schedule in repository.schedule_defs) == ["prune_staging", "verify"]


def test_loading_opens_no_connection(contracts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise AssertionError("a connection was opened while definitions load")

    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.delenv("LEGACY_URL", raising=False)
    monkeypatch.delenv("CLOUD_URL", raising=False)
    dg.Definitions.validate_loadable(made())


def test_a_contract_that_waits_for_its_plan_loads_and_says_so(contracts: Path) -> None:
    shutil.copy(SHOP / "orders.odcs.yaml", contracts)
    shutil.copy(SHOP / "customer.odcs.yaml", contracts)
    found = {spec.key.to_user_string(): spec for spec in made().resolve_all_asset_specs()}
    assert "Run `migrate plan orders`." in (found["tables/orders/loaded"].description or "")
    dg.Definitions.validate_loadable(made())


def test_all_faults_of_all_contracts_come_at_once(contracts: Path) -> None:
    for name in ("region", "nation"):
        file = contracts / f"{name}.odcs.yaml"
        file.write_text(file.read_text().replace("kind: table", "kind: tabel"))
    with pytest.raises(ContractFaults) as raised:
        made()
    assert [fault.file for fault in raised.value.faults] == ["nation.odcs.yaml", "region.odcs.yaml"]


def test_importing_reads_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The contracts are read when Dagster asks, not before."""
    monkeypatch.setenv("MIGRATION_CONTRACTS", str(tmp_path / "nowhere"))
    importlib.reload(definitions)
    with pytest.raises(ContractFaults):
        made()


def test_loading_is_silent(contracts: Path) -> None:
    """One warning for each check of each contract would hide all others."""
    code = "from migration_assets.definitions import defs; defs().get_repository_def()"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr == ""
