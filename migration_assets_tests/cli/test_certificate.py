"""`migrate certificate`, as it is typed; and the job of the same name."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from migration_assets.certificate.keys import PublicKey
from migration_assets.cli.main import main
from migration_assets.contracts.loader import load
from migration_assets.defs.certificate import certificate_jobs
from migration_assets.tables.engine import TableMigration
from migration_assets.tables.plan import plan_partitions
from migration_assets_tests.cli.test_journey import Desk

WAVE = "name: first\nversion: 3\ncontracts: [customer, orders]\n"


@pytest.fixture
def desk(new_database: Callable[[str], str], tmp_path: Path) -> Desk:
    """Customers and orders, loaded by the engine alone, and a wave of both."""
    made = Desk(tmp_path, new_database("new"))
    (tmp_path / "contracts" / "waves").mkdir()
    (tmp_path / "contracts" / "waves" / "first.yaml").write_text(WAVE)
    made.environment["MIGRATION_WAVES"] = str(tmp_path / "contracts" / "waves")
    contracts = load(tmp_path / "contracts")
    for name in ("customer", "orders"):
        if name == "orders":
            plan_partitions(contracts[name], made.environment)
        migration = TableMigration(contracts[name], contracts, made.environment)
        for partition in migration.partitions():
            for stage in (migration.extract, migration.transform, migration.load):
                stage(partition.key, "run-1")
    return made


def certificate(desk: Desk, *arguments: str) -> tuple[int, Any]:
    done = CliRunner().invoke(main, ["certificate", *arguments, "--json"], env=desk.environment)
    assert done.stdout, done.stderr
    return done.exit_code, json.loads(done.stdout)


def test_a_wave_is_certified_checked_and_what_changes_is_named(desk: Desk, tmp_path: Path) -> None:
    code, made = certificate(desk, "first")
    assert code == 0, made
    assert (made["partitions"], made["rows"], made["previous"]) == (5, 105, "")
    file = Path(made["file"])
    assert file.name == "first-0001.certificate.jsonl"
    assert (file.parent / "signing-key.pem").stat().st_mode & 0o777 == 0o600
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert lines[0]["subject"]["wave"]["version"] == 3
    assert [(each["contract"], each["partition"]) for each in lines[1:3]] == [
        ("customer", "all"),
        ("orders", "0001"),
    ]
    assert {check["name"]: check["passed"] for check in lines[2]["checks"]} == dict.fromkeys(
        ("count", "checksum", "referential"), True
    )
    assert lines[2]["load"]["run"] == "run-1"
    assert lines[2]["fingerprints"]["found"] == lines[2]["fingerprints"]["expected"]
    for name in ("CLOUD_URL", "LEGACY_URL"):
        assert desk.environment[name] not in file.read_text()

    assert certificate(desk, "--check", str(file))[0] == 0
    desk.new("UPDATE shop.orders SET amount = 51 WHERE id = 50 RETURNING id")
    for sides in ("both", "target"):
        code, found = certificate(desk, "--check", str(file), "--against", sides)
        (different,) = found["differences"]
        assert (code, found["holds"], different["partition"]) == (1, 4, "0002")
        assert [row["key"] for row in different["rows"]] == ["id=50"]
    code, refused = certificate(desk, "first")
    assert (code, refused["file"]) == (1, None)
    assert [(each["contract"], each["partition"]) for each in refused["reasons"]] == [("orders", "0002")]
    assert "migrate verify orders --partitions 0002" in refused["reasons"][0]["next_step"]


def test_certificates_of_one_subject_are_a_chain(desk: Desk) -> None:
    first, second = (Path(certificate(desk, "customer")[1]["file"]) for _ in range(2))
    head = json.loads(second.read_text().splitlines()[0])
    assert (head["number"], head["previous_certificate"]["file"]) == (2, first.name)
    assert certificate(desk, "--check", str(second))[0] == 0
    first.write_bytes(first.read_bytes().replace(b'"read":5', b'"read":6', 1))
    code, found = certificate(desk, "--check", str(second))
    assert (code, found["sound"]) == (1, True)
    assert first.name in found["previous"]
    code, found = certificate(desk, "--check", str(first))
    assert (code, found["damages"][0]["line"], found["damages"][0]["field"]) == (1, 2, "counts")
    shutil.copy(first, second)
    code, refused = certificate(desk, "customer")
    assert code == 1
    assert second.name in refused["reasons"][0]["why"]


def test_neither_an_unknown_key_nor_what_was_never_loaded_is_good_enough(desk: Desk, tmp_path: Path) -> None:
    file = certificate(desk, "customer")[1]["file"]
    believed = Path(file).parent / "believed-keys"
    (public,) = believed.glob("*.pem")
    assert certificate(desk, "--check", file, "--key", str(public))[0] == 0
    other = tmp_path / "other.pem"
    other.write_bytes(PublicKey(Ed25519PrivateKey.generate().public_key()).pem)
    code, found = certificate(desk, "--check", file, "--key", str(other))
    assert (code, found["sound"], found["damages"], found["believed_by"]) == (1, False, [], "")
    public.unlink()
    assert certificate(desk, "--check", file)[0] == 1
    assert certificate(desk, "--check", file, "--key", file)[0] == 2
    assert certificate(desk, "--check", str(tmp_path / "nowhere"))[0] == 2

    desk.new("DELETE FROM migration.load WHERE contract = 'orders' AND partition = '0002' RETURNING 1")
    code, refused = certificate(desk, "first")
    assert (code, refused["file"]) == (1, None)
    (reason,) = refused["reasons"]
    assert (reason["contract"], reason["partition"]) == ("orders", "0002")
    assert "migrate run orders --partitions 0002" in reason["next_step"]
    assert certificate(desk, "nobody")[0] == 2


def test_the_job_writes_the_same_certificate(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LEGACY_URL", "CLOUD_URL", "DAGSTER_HOME", "MIGRATION_CONTRACTS", "MIGRATION_STAGING"):
        monkeypatch.setenv(name, desk.environment[name])
    (job,) = certificate_jobs(load(Path(os.environ["MIGRATION_CONTRACTS"])))
    asked = {"ops": {"prove_and_sign": {"config": {"names": ["customer"]}}}}
    with dg.DagsterInstance.get() as instance:
        assert job.execute_in_process(asked, instance=instance).success
        desk.new("DELETE FROM shop.orders WHERE customer_id = 1 RETURNING 1")
        desk.new("DELETE FROM shop.customer WHERE id = 1 RETURNING 1")
        assert not job.execute_in_process(asked, instance=instance, raise_on_error=False).success
    written = sorted((Path(desk.environment["DAGSTER_HOME"]) / ".migration" / "certificates").glob("*.jsonl"))
    assert [file.name for file in written] == ["customer-0001.certificate.jsonl"]
    assert certificate(desk, "--check", str(written[0]))[0] == 0
