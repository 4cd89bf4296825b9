"""The project's `.env`: where the demo's two databases are, beside whatever else stands there."""

import os
from collections.abc import Mapping
from pathlib import Path

from migration_assets.errors import ConnectionRefused

_HERE = "http://127.0.0.1:"


def with_variables(text: str, variables: Mapping[str, str]) -> str:
    """The text of a `.env` in which these variables, and nothing else, have changed."""
    kept = [line for line in text.splitlines() if _variable(line) not in variables]
    return "\n".join([*kept, *(f"{name}={value}" for name, value in variables.items())]) + "\n"


def write(file: Path, variables: Mapping[str, str]) -> None:
    """Puts the variables into that `.env`, readable by its owner alone.

    ConnectionRefused where one of them names another server: that may be somebody's real one.
    """
    before = file.read_text(encoding="utf-8") if file.is_file() else ""
    _refuse_others(file, before, variables)
    aside = file.with_name(file.name + ".part")
    with os.fdopen(
        os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
    ) as out:
        out.write(with_variables(before, variables))
    aside.replace(file)


def _refuse_others(file: Path, text: str, variables: Mapping[str, str]) -> None:
    for line in text.splitlines():
        name, _, value = line.partition("=")
        ours = _head(variables.get(_variable(line), ""))
        if ours and not value.startswith(ours):
            raise ConnectionRefused(
                f"{_variable(name)} in {file.name} is not the demo's, and the demo would overwrite it.",
                advice=f"Move {file.name} away, then run `migrate demo` again.",
            )


def _head(value: str) -> str:
    """What stays as it is from one start to the next: up to the folder of the socket, or to the port."""
    return _HERE if value.startswith(_HERE) else value.partition("=")[0]


def _variable(line: str) -> str:
    return line.strip().removeprefix("export ").partition("=")[0].strip()
