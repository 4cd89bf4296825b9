"""An object's bytes on their way out: hashed while they pass, and held to what the source claims of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from migration_assets.buckets.cloudsmith.digests import Digests, contradicting, is_md5
from migration_assets.buckets.model import Attributes, Found
from migration_assets.buckets.places import Source
from migration_assets.errors import Passing, ProofFailed

PIECE = 2**20


@dataclass
class Read:
    """What one whole reading of an object came to."""

    found: Found
    attributes: Attributes
    size: int
    digests: Mapping[str, str]


@dataclass
class Reader:
    """Reads one object as often as it takes; two readings that agree outweigh an ETag that is no MD5."""

    source: Source
    found: Found
    #: of the last whole reading
    last: Read | None = None
    #: sha256 of readings that the source's ETag contradicts
    _doubted: list[str] = field(default_factory=list)

    def pieces(self) -> Iterator[bytes | bytearray | memoryview]:
        """The whole object; after the last piece `last` is set.

        SourceChanged where it is another one by now, Passing where it ended early or is to be read again,
        ProofFailed where its bytes are not what its checksum says.
        """
        digests = Digests()
        with self.source.open(self.found) as opened:
            for piece in opened.pieces(PIECE):
                digests.add(piece)
                yield piece
            attributes = opened.attributes
        if digests.size != self.found.size:
            raise Passing(
                f"An object ended after {digests.size:,} of {self.found.size:,} bytes.",
                advice="Run the same command again.",
                cause="storage",
            )
        self.last = Read(self.found, attributes, digests.size, digests.hexadecimal())

    def judge(self) -> None:
        """Holds the last reading to what the source claims; before anything is made of it."""
        assert self.last is not None
        against = contradicting(self.last.digests, self.found.etag, self.last.attributes.checksums)
        if not against:
            return
        sha256 = self.last.digests["sha256"]
        agreed = sha256 in self._doubted
        self._doubted.append(sha256)
        if against == ("etag",) and agreed:
            return
        if agreed:
            raise ProofFailed(
                f"The bytes are not what the source's {', '.join(against)} says, read twice.",
                advice="Look at the object in the source: it is damaged there.",
            )
        raise Passing("The bytes read are not what the source says of them.", cause="checksum")

    @property
    def believed(self) -> str:
        """The MD5 that the ETag is, unless a reading has contradicted it; else empty."""
        return self.found.etag if is_md5(self.found.etag) and not self._doubted else ""
