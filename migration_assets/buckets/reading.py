"""Whether two objects hold the same bytes where no listing tells: both are read."""

import hashlib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

from migration_assets.buckets.deciding import Equal
from migration_assets.buckets.model import Found, There
from migration_assets.buckets.places import Source
from migration_assets.errors import MigrationError

PIECE = 1 << 20
#: pairs of objects
SIDE_BY_SIDE = 4


def equal_when_read(source: Source, reader: Source, pairs: Iterable[tuple[Found, There]]) -> Iterator[Equal]:
    """Of each pair, in order; `unknown` where one of them cannot be read."""

    def one(pair: tuple[Found, There]) -> Equal:
        found, there = pair
        ours = sha256_of(source, found)
        theirs = sha256_of(reader, Found(there.key, there.size, there.etag, "", version=there.version))
        if not ours or not theirs:
            return "unknown"
        return "yes" if ours == theirs else "no"

    with ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="reading") as crew:
        yield from crew.map(one, pairs)


def sha256_of(store: Source, found: Found) -> str:
    """Of the object's bytes as they are read now; empty where it cannot be read."""
    digest = hashlib.sha256()
    try:
        if found.size:
            with store.open(found) as opened:
                for piece in opened.pieces(PIECE):
                    digest.update(piece)
    except MigrationError:
        return ""
    return digest.hexdigest()
