"""A world for whole runs: two databases, contracts in files, and a Dagster instance of its own."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

INSTANCE = """
telemetry: {enabled: false}
concurrency: {runs: {max_concurrent_runs: 2}}
run_retries: {enabled: true, max_retries: 1, retry_on_asset_or_op_failure: false}
run_monitoring: {enabled: true, start_timeout_seconds: 600}
"""

HEAD = """
apiVersion: v3.2.0
kind: DataContract
id: {name}
name: {name}
version: 1.0.0
status: active
domain: shop
servers:
  - {{server: legacy, type: postgresql, host: localhost, port: 5432, database: old, schema: public}}
  - {{server: cloud, type: postgresql, host: localhost, port: 5432, database: new, schema: shop}}
customProperties:
  - property: migration
    value: {migration}
schema:
  - name: {name}
    physicalType: table
    properties:
"""


def contract_text(name: str, migration: dict[str, Any], properties: list[dict[str, Any]]) -> str:
    """A contract's file: YAML whose parts are JSON."""
    said = json.dumps({"kind": "table", "source": "legacy", "target": "cloud", **migration})
    lines = "".join(f"      - {json.dumps(each)}\n" for each in properties)
    return HEAD.format(name=name, migration=said) + lines


@dataclass
class Project:
    """What an operator has: contracts, an instance, connections; commands run in processes of their own."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        (self.folder / "contracts").mkdir(parents=True)
        (self.folder / "home").mkdir()
        (self.folder / "home" / "dagster.yaml").write_text(INSTANCE)

    @property
    def home(self) -> Path:
        return self.folder / "home"

    def contract(self, name: str, migration: dict[str, Any], properties: list[dict[str, Any]]) -> None:
        text = contract_text(name, migration, properties)
        (self.folder / "contracts" / f"{name}.odcs.yaml").write_text(text)

    def command(self, *words: str, timeout: float = 240) -> subprocess.CompletedProcess[str]:
        """Runs a command of the project's environment, and returns what it printed."""
        return subprocess.run(
            [str(Path(sys.executable).parent / words[0]), *words[1:]],
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
            cwd=self.folder,
            env={**os.environ, **self.variables()},
        )

    def variables(self) -> dict[str, str]:
        return {
            "DAGSTER_HOME": str(self.home),
            "MIGRATION_CONTRACTS": str(self.folder / "contracts"),
            **self.environment,
        }
