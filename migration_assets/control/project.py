"""Where the project stands: its root, its contracts, its variables."""

import os
from collections.abc import Mapping, MutableMapping
from pathlib import Path

import migration_assets

CONTRACTS = "MIGRATION_CONTRACTS"
DAGSTER_HOME = "DAGSTER_HOME"


def root() -> Path:
    """The folder of this package's pyproject.toml; where it is installed without one, the current."""
    clone = Path(migration_assets.__file__).resolve().parent.parent
    return clone if (clone / "pyproject.toml").is_file() else Path.cwd()


def contracts_folder(environment: Mapping[str, str]) -> Path:
    return root() / environment.get(CONTRACTS, "data_contracts")


def own_folder(environment: Mapping[str, str]) -> Path:
    """What belongs to one Dagster instance and may be lost: each instance has its own host."""
    return Path(environment.get(DAGSTER_HOME) or root()) / ".migration"


def read_env_file(file: Path, environment: MutableMapping[str, str]) -> None:
    """Sets the variables of a `.env` that are not set: `NAME=value`, `#` comments, quotes as in a shell."""
    if not file.is_file():
        return
    for line in file.read_text(encoding="utf-8").splitlines():
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if equals and not name.startswith("#"):
            value = value.strip()
            if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
                value = value[1:-1]
            environment.setdefault(name.strip(), value)


def enter(environment: MutableMapping[str, str] = os.environ) -> Path:
    """Makes the root the current folder, and the home of Dagster where no other is said."""
    here = root()
    os.chdir(here)
    read_env_file(here / ".env", environment)
    environment.setdefault(DAGSTER_HOME, str(here))
    return here
