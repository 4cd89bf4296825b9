"""What the process of one run has to read: the contracts of its assets, and their relatives.

A run is a process of its own, which makes the definitions again. Those of a thousand contracts take
seconds, and a run is about a few of them, so the code server hands each run an index of the contracts,
as Dagster does with whatever is to be reconstructed. Which run a process was started for is nothing that
Dagster offers publicly; `migration_assets_tests/defs/test_run_process.py` fails when that changes, and
where nothing is found, everything is read.
"""

import base64
import json
import multiprocessing
import sys
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import dagster as dg
from dagster._core.definitions.assets.job.asset_job import IMPLICIT_ASSET_JOB_NAME
from dagster._core.definitions.definitions_load_context import DefinitionsLoadContext, DefinitionsLoadType
from dagster._grpc.types import ExecuteExternalJobArgs, ExecuteRunArgs
from dagster._serdes import deserialize_value
from dagster_shared.error import DagsterError
from dagster_shared.serdes.errors import DeserializationError

from migration_assets.contracts.model import Contract
from migration_assets.control.names import OPERATION_TAG, RESTORE, stage_path

#: under which a run finds the index
INDEX = "migration/contracts"


@dataclass(frozen=True)
class Entry:
    """Where a contract stands below the folder, and the contracts that it refers to."""

    file: str
    parents: tuple[str, ...]


#: by the first two parts of an asset's key
Index = Mapping[str, Entry]


def index(contracts: Iterable[Contract], folder: Path) -> dict[str, Entry]:
    there = {contract.name: contract for contract in contracts}
    return {
        _name(contract): Entry(
            Path(contract.file).relative_to(folder.absolute()).as_posix(),
            tuple(
                dict.fromkeys(
                    _name(there[each.parent]) for each in contract.references if each.parent in there
                )
            ),
        )
        for contract in there.values()
    }


def hand_to_runs(contracts: Iterable[Contract], folder: Path) -> None:
    """Gives the index to every run of the definitions that are being loaded."""
    DefinitionsLoadContext.get().add_to_pending_reconstruction_metadata(
        INDEX, packed(index(contracts, folder))
    )


def packed(found: Index) -> str:
    """The index as text, small: every run keeps it in the event log."""
    plain = json.dumps({name: asdict(entry) for name, entry in found.items()}, separators=(",", ":"))
    return base64.b85encode(zlib.compress(plain.encode(), 9)).decode()


def unpacked(text: str) -> dict[str, Entry]:
    said = json.loads(zlib.decompress(base64.b85decode(text)))
    return {name: Entry(entry["file"], tuple(entry["parents"])) for name, entry in said.items()}


def related(found: Index, names: Collection[str]) -> frozenset[str]:
    """The contracts, those that refer to them or are referred to, and what all of these build on.

    The way of a row asks no more: a load judges the references of its own table and those that wait
    for it, and a contract can only be read together with the contracts that it refers to.
    """
    wanted = set(names)
    wanted |= {name for name, entry in found.items() if not wanted.isdisjoint(entry.parents)}
    ahead = list(wanted)
    while ahead:
        above = [name for name in found[ahead.pop()].parents if name not in wanted]
        wanted.update(above)
        ahead += above
    return frozenset(wanted)


def files_of_this_run(folder: Path) -> frozenset[str] | None:
    """The files below the folder that this process needs; None where it may need all of them."""
    context = DefinitionsLoadContext.get()
    if context.load_type != DefinitionsLoadType.RECONSTRUCTION:
        return None
    said = context.reconstruction_metadata.get(INDEX)
    run = _run() if said else None
    if said is None or run is None or run.job_name != IMPLICIT_ASSET_JOB_NAME:
        return None
    if run.tags.get(OPERATION_TAG) == RESTORE:
        return None  # contracts that refer to one another go back together, however far that leads
    names = {"/".join(key.path[:2]) for key in _assets(run)}
    found = unpacked(said)
    if not names or not names <= found.keys():
        return None
    files = frozenset(found[name].file for name in related(found, names))
    return files if all((folder / file).is_file() for file in files) else None


def _assets(run: dg.DagsterRun) -> Iterator[dg.AssetKey]:
    yield from run.asset_selection or ()
    for check in run.asset_check_selection or ():
        yield check.asset_key


def _run() -> dg.DagsterRun | None:
    """The run that this process was started for."""
    for text in _arguments():
        try:
            said = deserialize_value(text, (ExecuteExternalJobArgs, ExecuteRunArgs))
            if said.instance_ref is None:
                return None
            with dg.DagsterInstance.from_ref(said.instance_ref) as instance:
                return instance.get_run_by_id(said.run_id)
        except (DagsterError, DeserializationError, ValueError):
            return None
    return None


def _arguments() -> Iterator[str]:
    """What a code server, or a launcher of containers, has started this process with."""
    arguments = getattr(multiprocessing.current_process(), "_args", ())
    if arguments and isinstance(arguments[0], str):
        yield arguments[0]
    if sys.argv[1:3] == ["api", "execute_run"] and len(sys.argv) > 3:
        yield sys.argv[3]


def _name(contract: Contract) -> str:
    return "/".join(stage_path(contract, "loaded")[:2])
