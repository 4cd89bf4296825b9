"""How every command ends: what it found as text or as JSON, and an exit code that scripts can trust.

0 done and verified · 1 a finding: a difference, a failed check · 2 the command or a contract is wrong
"""

import dataclasses
import functools
import json
import os
import sys
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import click
from rich.console import Console

from migration_assets.control import project
from migration_assets.errors import ContractFaults, MigrationError
from migration_assets.stores.trying import in_words

INTERRUPTED = 130


@dataclasses.dataclass(frozen=True)
class Answer:
    """What a command found, as data and as text."""

    data: Mapping[str, Any]
    #: prints it for people
    say: Callable[[Console], None]
    exit_code: int = 0


def answering(command: Callable[..., Answer]) -> Callable[..., None]:
    """Makes a command of a function that takes its options and answers; adds `--json`."""

    @click.option("--json", "as_json", is_flag=True, help="Answer with one JSON document.")
    @functools.wraps(command)
    def answered(as_json: bool, **options: Any) -> None:
        project.enter(os.environ)
        sys.exit(_give(command, as_json, options))

    return answered


def _give(command: Callable[..., Answer], as_json: bool, options: Mapping[str, Any]) -> int:
    try:
        answer = command(**options)
    except click.ClickException:
        raise
    except KeyboardInterrupt:
        Console(stderr=True).print("Interrupted.")
        return INTERRUPTED
    except Exception as error:
        return _refuse(error, as_json)
    if as_json:
        _json(answer.data)
    else:
        answer.say(Console(highlight=False, soft_wrap=True))
    return answer.exit_code


def _refuse(error: Exception, as_json: bool) -> int:
    """Errors in their own sentences and without a traceback, which may hold a row's values."""
    code = error.exit_code if isinstance(error, MigrationError) else 1
    if as_json:
        faults = error.faults if isinstance(error, ContractFaults) else ()
        _json({"error": in_words(error), "exit_code": code, "faults": faults})
    else:
        Console(stderr=True, highlight=False, soft_wrap=True).print(in_words(error), markup=False)
    return code


def _json(data: Mapping[str, Any]) -> None:
    json.dump(data, sys.stdout, indent=2, default=_plain, ensure_ascii=False)
    sys.stdout.write("\n")


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    return value.isoformat() if isinstance(value, date) else str(value)
