"""What the UI asks a real webserver for its asset catalog and its asset graph: seconds and bytes."""

import json
import os
import socket
import sys
import time
import urllib.request
from dataclasses import asdict, dataclass
from http.client import HTTPException

from benchmark.scale_cpu import Watched
from benchmark.scale_world import World

#: seconds until the code location has to be there
PATIENCE = 240
_LOADED = """{ workspaceOrError { ... on Workspace { locationEntries { loadStatus
    locationOrLoadError { __typename ... on PythonError { message } } } } } }"""
_KEY = "assetKey { path }"
#: the fields are those that Dagster's own pages ask for
_CATALOG = f"""{{ assetNodes {{ id {_KEY} groupName kinds owners {{ __typename }} tags {{ key value }}
    description opNames jobNames isPartitioned isMaterializable isObservable isExecutable
    hasMaterializePermission computeKind repository {{ id name }} }} }}"""
_GRAPH = f"""{{ assetNodes {{ id {_KEY} groupName opNames isPartitioned isExecutable
    hasAssetChecks dependencyKeys {{ path }} dependedByKeys {{ path }} }} }}"""


@dataclass(frozen=True)
class Question:
    seconds: float
    bytes: int


def asked(world: World) -> dict[str, object]:
    """Starts a webserver with a code server; how long until they are there, and each question twice."""
    port = _free_port()
    command = [sys.executable, "-m", "dagster_webserver", "-m", "migration_assets.definitions"]
    command += ["-h", "127.0.0.1", "-p", str(port)]
    started = time.monotonic()
    watched = Watched(command, world.environment, os.open(os.devnull, os.O_WRONLY))
    try:
        _until_loaded(port, watched)
        there = round(time.monotonic() - started, 2)
        until_loaded = watched.cpu_s
        found = {name: [_ask(port, query) for _ in range(2)] for name, query in _QUESTIONS.items()}
    finally:
        watched.process.terminate()
        watched.cost()
    return {
        "loaded_wall_s": there,
        "loaded_cpu_s": until_loaded,
        **{name: [asdict(question) for question in twice] for name, twice in found.items()},
    }


_QUESTIONS = {"catalog": _CATALOG, "graph": _GRAPH}


def _until_loaded(port: int, watched: Watched) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and watched.process.poll() is None:
        try:
            text = _post(port, _LOADED)
        except (OSError, HTTPException):
            time.sleep(0.3)
            continue
        if "PythonError" in text:
            raise RuntimeError(text[:2000])
        if '"LOADED"' in text:
            return
        time.sleep(0.3)
    raise TimeoutError("The webserver did not load the code location.")


def _ask(port: int, query: str) -> Question:
    started = time.monotonic()
    text = _post(port, query)
    if '"errors"' in text[:200]:
        raise RuntimeError(text[:2000])
    return Question(round(time.monotonic() - started, 3), len(text))


def _post(port: int, query: str) -> str:
    body = json.dumps({"query": query}).encode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/graphql", body, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        return answer.read().decode()


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]
