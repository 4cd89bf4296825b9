"""Pieces of lines, gathered: to judge a batch costs some time whatever its size."""

from collections.abc import Iterable, Iterator


def gathered(pieces: Iterable[bytes], size: int) -> Iterator[bytes]:
    """The same lines, about `size` bytes of them at once."""
    held: list[bytes] = []
    waiting = 0
    for piece in pieces:
        held.append(piece)
        waiting += len(piece)
        if waiting >= size:
            yield b"".join(held)
            held, waiting = [], 0
    if held:
        yield b"".join(held)
