"""What stands in deploy/ is what Dagster takes: its instance schema, and that of every class that is named."""

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from dagster._config import process_config, resolve_to_config_type
from dagster._core.errors import DagsterInvalidConfigError
from dagster._core.instance.config import dagster_instance_config
from dagster._core.storage.config import pg_config
from dagster._serdes import class_from_code_pointer

from migration_assets.control.run_queue import RunQueue
from migration_assets_tests.deploy.processes import ROOT

DEPLOY = ROOT / "deploy"
INSTANCES = ("machine", "ecs")
VARIABLES = {
    "DAGSTER_POSTGRES_URL": "postgresql+psycopg2://dagster@db.internal/dagster",
    "DAGSTER_POSTGRES_HOST": "db.internal",
    "DAGSTER_POSTGRES_USER": "dagster",
    "DAGSTER_POSTGRES_PASSWORD": "swordfish",
    "DAGSTER_POSTGRES_DATABASE": "dagster",
    "MIGRATION_LOGS_BUCKET": "logs",
    "MIGRATION_LOGS_ENDPOINT": "https://s3.example.com",
    "MIGRATION_RUN_TASK": "migration-run",
}


@pytest.fixture(autouse=True)
def variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)


def document(path: str) -> dict[str, Any]:
    return yaml.safe_load((DEPLOY / path).read_text(encoding="utf-8"))


def taken(folder: Path, said: Mapping[str, Any]) -> Mapping[str, Any]:
    """The instance's configuration as Dagster takes it; every class that it names takes its part."""
    (folder / "dagster.yaml").write_text(yaml.safe_dump(dict(said)), encoding="utf-8")
    config, _ = dagster_instance_config(str(folder))
    for part in config.values():
        if isinstance(part, dict) and {"module", "class"} <= part.keys():
            held(class_from_code_pointer(part["module"], part["class"]).config_type(), part.get("config", {}))
    if "postgres" in config.get("storage", {}):
        held(pg_config(), config["storage"]["postgres"])
    return config


def held(kind: Any, config: Any) -> Any:
    found = process_config(resolve_to_config_type(kind), config)
    assert found.success, found.errors
    return found.value


@pytest.mark.parametrize("name", INSTANCES)
def test_an_instance_is_what_dagster_takes(name: str, tmp_path: Path) -> None:
    config = taken(tmp_path, document(f"{name}/dagster.yaml"))

    assert config["run_monitoring"]["enabled"]
    assert config["run_retries"] == {
        "enabled": True,
        "max_retries": 2,
        "retry_on_asset_or_op_failure": False,
    }
    assert config["compute_logs"]["class"] == "S3ComputeLogManager"


@pytest.mark.parametrize("name", INSTANCES)
@pytest.mark.parametrize(
    "path",
    [("run_coordinator", "config", "x"), ("compute_logs", "config", "buckt"), ("storage", "postgres", "x")],
)
def test_a_word_that_dagster_does_not_know_is_found(name: str, path: tuple[str, ...], tmp_path: Path) -> None:
    said = copy.deepcopy(document(f"{name}/dagster.yaml"))
    part = said
    for word in path[:-1]:
        part = part[word]
    part[path[-1]] = 1

    with pytest.raises((DagsterInvalidConfigError, AssertionError)):
        taken(tmp_path, said)


def test_dagsters_database_is_reached_by_the_driver_that_is_there(tmp_path: Path) -> None:
    from dagster_postgres.utils import pg_url_from_config
    from sqlalchemy.engine import make_url

    storage = taken(tmp_path, document("ecs/dagster.yaml"))["storage"]["postgres"]
    url = make_url(pg_url_from_config(held(pg_config(), storage)))

    assert url.drivername == "postgresql+psycopg2"
    assert url.query["sslmode"] == "verify-full"
    assert url.get_dialect().import_dbapi().__name__ == "psycopg2"


def test_the_code_server_is_where_the_workspace_says() -> None:
    (server,) = document("ecs/workspace.yaml")["load_from"]
    docker = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")

    assert f'"{server["grpc_server"]["port"]}"' in docker
    assert f'"{server["grpc_server"]["location_name"]}"' in docker


@pytest.mark.parametrize("path", ["machine/dagster.yaml", "ecs/dagster.yaml", "kubernetes/values.yaml"])
def test_no_secret_stands_in_a_file(path: str) -> None:
    for name, value in leaves(document(path)):
        word = name.lower()
        if ("password" in word or "url" in word) and isinstance(value, str):
            assert name == "env" or value in VARIABLES, f"{name}: {value}"


def leaves(node: Any, name: str = "") -> list[tuple[str, Any]]:
    if isinstance(node, dict):
        return [leaf for key, value in node.items() for leaf in leaves(value, str(key))]
    if isinstance(node, list):
        return [leaf for value in node for leaf in leaves(value, name)]
    return [(name, node)]


def test_every_variable_of_a_file_is_told_at_its_head() -> None:
    for name in INSTANCES:
        head = (DEPLOY / name / "dagster.yaml").read_text(encoding="utf-8").partition("\n\n")[0]
        named = {value for key, value in leaves(document(f"{name}/dagster.yaml")) if key == "env"}
        assert named
        assert not {each for each in named if f" {each}" not in head}


def test_the_charts_values_make_an_instance_that_dagster_takes(tmp_path: Path) -> None:
    said = document("kubernetes/values.yaml")
    logs = said["computeLogManager"]["config"]["s3ComputeLogManager"]
    daemon = said["dagsterDaemon"]
    postgresql = said["postgresql"]
    storage = {
        "postgres_db": {
            "scheme": postgresql["postgresqlScheme"],
            "hostname": postgresql["postgresqlHost"],
            "username": postgresql["postgresqlUsername"],
            "password": {"env": "DAGSTER_POSTGRES_PASSWORD"},
            "db_name": postgresql["postgresqlDatabase"],
            "port": postgresql["service"]["port"],
            "params": postgresql["postgresqlParams"],
        }
    }
    config = taken(
        tmp_path,
        {
            "storage": {"postgres": storage},
            "compute_logs": {
                "module": "dagster_aws.s3.compute_log_manager",
                "class": said["computeLogManager"]["type"],
                "config": snake(logs),
            },
            "run_coordinator": daemon["runCoordinator"]["config"]["customRunCoordinator"],
            "run_monitoring": snake(daemon["runMonitoring"]),
            "sensors": snake(daemon["sensors"]),
            "schedules": snake(daemon["schedules"]),
            "telemetry": said["telemetry"],
            "retention": {
                name: {"purge_after_days": said["retention"][name]["purgeAfterDays"]}
                for name in ("sensor", "schedule")
            },
            **said["additionalInstanceConfig"],
        },
    )

    assert config["run_retries"]["retry_on_asset_or_op_failure"] is False


def snake(said: Mapping[str, Any]) -> dict[str, Any]:
    """As the chart's templates spell its values in a `dagster.yaml`."""
    return {
        "".join(f"_{c.lower()}" if c.isupper() else c for c in name): value for name, value in said.items()
    }


def test_the_charts_values_give_the_data_to_code_server_and_runs_alone() -> None:
    said = document("kubernetes/values.yaml")
    (code,) = said["dagster-user-deployments"]["deployments"]
    runs = said["runLauncher"]["config"]["k8sRunLauncher"]

    assert code["envSecrets"] == runs["envSecrets"] == [{"name": "migration-data"}]
    assert "envSecrets" not in said["dagsterWebserver"]
    assert "envSecrets" not in said["dagsterDaemon"]
    assert said["ingress"]["enabled"] is False
    assert said["dagsterWebserver"]["service"]["type"] == "ClusterIP"
    assert code["dagsterApiGrpcArgs"][1] == "migration_assets.definitions"


def test_every_instance_has_the_queue_that_keeps_priorities_limits_and_windows() -> None:
    queues = [document(f"{name}/dagster.yaml")["run_coordinator"] for name in INSTANCES]
    queues += [yaml.safe_load((ROOT / "dagster.yaml").read_text(encoding="utf-8"))["run_coordinator"]]
    chart = document("kubernetes/values.yaml")["dagsterDaemon"]["runCoordinator"]
    assert chart["type"] == "CustomRunCoordinator"
    queues += [chart["config"]["customRunCoordinator"]]

    for said in queues:
        assert class_from_code_pointer(said["module"], said["class"]) is RunQueue
