"""An object's bytes on their way out: hashed while they pass, and held to what the source claims of them."""

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from migration_assets.buckets.cloudsmith.composite import Composite, is_composite
from migration_assets.buckets.cloudsmith.digests import Digests, contradicting, is_md5
from migration_assets.buckets.model import Attributes, Found
from migration_assets.buckets.places import Source
from migration_assets.errors import Passing, ProofFailed

PIECE = 2**20
#: how many objects, of so many bytes at most, are asked; and how many must contradict their ETags
ASKED, ASKED_BYTES, ENOUGH = 8, 2**20, 3


@dataclass
class Read:
    """What one whole reading of an object came to."""

    found: Found
    attributes: Attributes
    size: int
    digests: Mapping[str, str]
    #: what the ETag of its parts would be; empty where their sizes are not told, or it has none
    composite: str = ""


class Etags:
    """Whether a source's ETags are the MD5s that they look like: asked of a few objects, when one is not."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._lock = threading.Lock()
        self._opaque: bool | None = None

    def opaque(self, doubted: Found) -> bool:
        """Whether several others contradict theirs, read twice, and not one bears its own out."""
        with self._lock:
            if self._opaque is None:
                self._opaque = self._asked(doubted)
            return self._opaque

    def _asked(self, doubted: Found) -> bool:
        others = (
            each
            for each in self._source.listed()
            if 0 < each.size <= ASKED_BYTES and is_md5(each.etag) and each.key != doubted.key
        )
        contradicted = 0
        for found in islice(others, ASKED):
            read = {self._md5(found), self._md5(found)}
            if len(read) > 1 or found.etag in read:
                return False
            contradicted += 1
        return contradicted >= ENOUGH

    def _md5(self, found: Found) -> str:
        digests = Digests()
        with self._source.open(found) as opened:
            for piece in opened.pieces(PIECE):
                digests.add(piece)
        return digests.hexadecimal()["md5"]


@dataclass
class Reader:
    """Reads one object as often as it takes."""

    source: Source
    found: Found
    etags: Etags
    #: of the last whole reading
    last: Read | None = None
    #: sha256 of readings that the source's ETag contradicts
    _doubted: list[str] = field(default_factory=list)
    #: whether the store says that its ETag is no MD5, since it encrypts with a key of its own
    _encrypted: bool = False
    #: sizes of its parts, once asked for
    _parts: tuple[int, ...] | None = None

    def pieces(self) -> Iterator[bytes | bytearray | memoryview]:
        """The whole object; after the last piece `last` is set.

        SourceChanged where it is another one by now, Passing where it ended early.
        """
        digests, sizes = Digests(), self._sizes()
        composite = Composite(sizes)
        with self.source.open(self.found) as opened:
            self._encrypted = _encrypted(getattr(opened, "headers", {}))
            for piece in opened.pieces(PIECE):
                digests.add(piece)
                if sizes:
                    composite.add(piece)
                # what follows would be taken for the request behind this one
                if digests.size > self.found.size:
                    raise self._another_size(digests.size)
                yield piece
            attributes = opened.attributes
        if digests.size != self.found.size:
            raise self._another_size(digests.size)
        etag = composite.etag if sizes else ""
        self.last = Read(self.found, attributes, digests.size, digests.hexadecimal(), etag)

    def _sizes(self) -> tuple[int, ...]:
        """Of its parts, where the source tells them; of an object in one upload none."""
        if self._parts is None:
            told = self.source.attributes(self.found).parts if is_composite(self.found.etag) else ()
            self._parts = told if sum(told) == self.found.size else ()
        return self._parts

    def _another_size(self, size: int) -> Passing:
        return Passing(
            f"An object had {size:,} bytes or more instead of {self.found.size:,}."
            if size > self.found.size
            else f"An object ended after {size:,} of {self.found.size:,} bytes.",
            advice="Run the same command again.",
            cause="storage",
        )

    def judge(self) -> None:
        """Holds the last reading to what the source claims; before anything is made of it.

        claim contradicted    two readings agree    the ETag is no MD5                   then
        none                  -                     -                                    fine
        any                   not yet               -                                    Passing
        the ETag alone        yes                   said (KMS), or so of other objects   fine
        any other             yes                   -                                    ProofFailed
        """
        assert self.last is not None
        against = contradicting(self.last.digests, self.found.etag, self.last.attributes.checksums)
        if self.last.composite not in ("", self.found.etag):
            against = ("etag", *against)
        if not against:
            return
        sha256 = self.last.digests["sha256"]
        agreed = sha256 in self._doubted
        self._doubted.append(sha256)
        if against == ("etag",) and agreed and (self._encrypted or self.etags.opaque(self.found)):
            return
        if agreed:
            raise ProofFailed(
                f"The bytes are not what the source's {', '.join(against)} says, read twice.",
                advice="Look at the object in the source: it is damaged there.",
            )
        raise Passing(
            f"The bytes are not what the source's {', '.join(against)} says.",
            advice="Run the same command again.",
            cause="checksum",
        )

    @property
    def believed(self) -> str:
        """The MD5 that the ETag is, unless something speaks against it; else empty."""
        return "" if self._doubted or not is_md5(self.found.etag) else self.found.etag


def _encrypted(headers: Mapping[str, str]) -> bool:
    return headers.get("x-amz-server-side-encryption", "").startswith("aws:kms") or bool(
        headers.get("x-amz-server-side-encryption-customer-algorithm")
    )
