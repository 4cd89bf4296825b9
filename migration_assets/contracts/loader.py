"""A folder of contract files in, contracts by name out, or all faults of all files at once."""

import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from migration_assets.contracts import family, odcs, soundness, standard
from migration_assets.contracts.findings import Finding
from migration_assets.contracts.model import Contract
from migration_assets.contracts.yaml_text import Document, YamlError, read
from migration_assets.contracts.yaml_text import Path as Place
from migration_assets.errors import ContractFaults, Fault

#: a folder of wave files may stand among the contracts
_WAVES = "waves"


@dataclass
class _File:
    """One contract file while it is read."""

    name: str
    document: Document
    draft: odcs.Draft | None = None
    findings: list[Finding] = field(default_factory=list)
    refused: frozenset[Place] = frozenset()

    def note(self, path: Place, what: str, right: str) -> None:
        """Takes a finding down, unless the schemas have refused that very value."""
        if path not in self.refused:
            self.also(path, what, right)

    def also(self, path: Place, what: str, right: str) -> None:
        self.findings.append(Finding(path, what, right))


def load(folder: Path, only: Collection[str] | None = None) -> dict[str, Contract]:
    """All contracts under the folder (`**/*.odcs.yaml`, without hidden folders and `waves`), by name.

    `only` these files, named from the folder on, where that is said; they must have what they refer to.
    ContractFaults with every fault of every file. Rules of quality of `type: text` and `custom` are
    not read: they are prose, or for another engine."""
    if not folder.is_dir():
        raise ContractFaults(
            [Fault(str(folder), "", "there is no such folder", "Name another one in `MIGRATION_CONTRACTS`.")]
        )
    faults: list[Fault] = []
    files: list[_File] = []
    unread: set[str] = set()
    for path in _paths(folder):
        name = path.relative_to(folder).as_posix()
        if only is not None and name not in only:
            continue
        if path.name.endswith(".yml"):
            faults.append(Fault(name, "", "it would not be read", f"Name it {path.stem}.yaml."))
            continue
        try:
            files.append(_opened(name, path))
        except YamlError as fault:
            faults.append(Fault(name, "", fault.what, fault.right, fault.line))
            unread.add(path.name.removesuffix(odcs.SUFFIX))
        except OSError as fault:
            faults.append(Fault(name, "", f"it cannot be read ({fault.strerror})"))
            unread.add(path.name.removesuffix(odcs.SUFFIX))
    contracts = _resolved(files, frozenset(unread))
    faults += [finding.fault(file.name, file.document) for file in files for finding in file.findings]
    if faults:
        raise ContractFaults(faults)
    return contracts


def _paths(folder: Path) -> Iterator[Path]:
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name != _WAVES)
        for name in sorted(names):
            if name.endswith((odcs.SUFFIX, ".odcs.yml")) and not name.startswith("."):
                yield Path(root, name)


def _opened(name: str, path: Path) -> _File:
    file = _File(name, read(path.read_bytes()))
    file.findings += standard.findings(file.document.value)
    file.refused = frozenset(finding.path for finding in file.findings)
    file.draft = odcs.draft(file.document.value, path.absolute(), file.note)
    soundness.judge(file.draft, file.note)
    return file


def _resolved(files: list[_File], unread: frozenset[str]) -> dict[str, Contract]:
    owners = {id(file.draft): file for file in files}

    def tell(draft: odcs.Draft, path: Place, what: str, right: str) -> None:
        owners[id(draft)].also(path, what, right)

    drafts = [file.draft for file in files if file.draft is not None]
    return family.resolve(drafts, unread, tell)
