"""Keys of the target that partitions claim for their objects, so that no two partitions write to one.

Where keys are mapped, each partition notes the keys that its objects go to before they are decided, and then
reads what the others have noted: of two partitions at once one at least sees the other. A key is noted by 64
bits of its hash: among ten million keys two of one hash are met in three of a million migrations; then an
object is refused that need not be.
"""

import hashlib
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from migration_assets.errors import StagingRefused
from migration_assets.staging.partition import StagedPartition
from migration_assets.staging.place import slug

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Hashes = NDArray[np.uint64]

#: the place of a contract's claims; no key of a partition holds a comma
PLACE = "claims,"
_FOLDER = "claimed"


@dataclass(frozen=True)
class Claims:
    """Those of one contract."""

    folder: StagedPartition
    #: all of the contract
    partitions: tuple[str, ...]

    def claim(self, partition: str, targets: Iterable[str]) -> Mapping[int, str]:
        """Notes them in place of what the partition had noted; by their hashes, which of them others have.

        StagingRefused where what another one has noted is damaged."""
        import numpy as np

        mine = np.unique(np.frombuffer(array("Q", map(hash_of, targets)), np.uint64))
        text = mine.tobytes().hex()
        self.folder.place.put(_path(partition), f"{text}\n{_seal(text)}\n")
        there = set(self.folder.place.files(_FOLDER))
        found: dict[int, str] = {}
        for other in self.partitions:
            if other != partition and _path(other) in there:
                both = np.intersect1d(mine, self._of(other), assume_unique=True)
                found |= {int(each): other for each in both}
        return found

    def _of(self, partition: str) -> "Hashes":
        import numpy as np

        text, _, seal = (self.folder.place.text(_path(partition)) or "").rstrip("\n").partition("\n")
        if seal != _seal(text):
            raise StagingRefused(
                f"What partition {partition} of {self.folder.contract} has claimed is damaged; nothing is "
                "decided.",
                advice="Materialize `transformed` of that partition again.",
            )
        return np.frombuffer(bytes.fromhex(text), np.uint64)


def hash_of(target: str) -> int:
    digest = hashlib.blake2b(target.encode("utf-8", "surrogatepass"), digest_size=8)
    return int.from_bytes(digest.digest(), "little")


def _path(partition: str) -> str:
    return f"{_FOLDER}/{slug(partition)}"


def _seal(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
