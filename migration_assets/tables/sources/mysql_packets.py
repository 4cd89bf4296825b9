"""The cells of a result of one column, cut out of the server's packets a block at a time.

A packet is its length in three bytes, a number, and the cell behind its own length. Where every cell
ends with `END`, the ends are found for the whole block at once; the lengths then have to agree with
them, one by one, and what does not agree is cut packet by packet as the protocol says.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pymysql
from pymysql.constants import CR
from pymysql.protocol import MysqlPacket

#: no two bytes that any UTF-8 has, nor a packet's head that is shorter than `LARGE`
END = b"\xfa\xfb"
#: bytes that are cut at once, at least, while more are to come
BLOCK = 1 << 18
#: bytes of a packet above which it is cut alone
LARGE = 64_000
#: bytes of a packet that goes on in the next one
CONTINUED = 0xFFFFFF

Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Cells:
    """Cells one behind the other, without their `END`s' second bytes."""

    data: Bytes
    #: where each begins, and where the last one ends
    edges: Places

    @property
    def count(self) -> int:
        return len(self.edges) - 1

    def __iter__(self) -> Iterator[bytes]:
        """Each cell, without its end."""
        data = self.data.tobytes()
        for start, end in zip(self.edges[:-1].tolist(), self.edges[1:].tolist(), strict=True):
            yield data[start : end - 1]


_NONE = Cells(np.empty(0, np.uint8), np.zeros(1, np.int64))


class CellMissing(Exception):
    """A cell is NULL where none may be."""


def cells(read: Callable[[int], bytes], encoding: str) -> Iterator[Cells]:
    """The cells of a result up to its end, which is read too; `read` gives some bytes, at most so many.

    CellMissing, the server's own error, or OperationalError when the connection ends before."""
    held = b""
    while True:
        held = _filled(held, read)
        found, used = _cut(held)
        if not used:
            found, used = _walked(held)
        if used:
            yield found
            held = held[used:]
            continue
        packet, held = _packet(held, read)
        if packet[:1] == b"\xfe" and len(packet) < 9:
            return
        if packet[:1] == b"\xff":
            MysqlPacket(packet, encoding).raise_for_error()
        yield _alone(packet)


def _filled(held: bytes, read: Callable[[int], bytes]) -> bytes:
    """More bytes, as many as can be waited for: behind the server's last packet there are none."""
    parts, size = [held], len(held)
    while size < 5 or (size < BLOCK and not _is_complete(parts)):
        parts.append(_some(read))
        size += len(parts[-1])
    return b"".join(parts)


def _is_complete(parts: list[bytes]) -> bool:
    """Whether what comes behind the last end that is seen may be all that the server sends."""
    tail = b"".join(parts[-2:])
    end = tail.rfind(END)
    if end < 0 and len(parts) > 2:
        return True
    rest = tail[end + 2 :] if end >= 0 else tail
    return len(rest) >= 4 and len(rest) >= 4 + int.from_bytes(rest[:3], "little")


def _cut(held: bytes) -> tuple[Cells, int]:
    """The packets at the beginning whose lengths agree with their ends, and how many bytes they are."""
    data = np.frombuffer(held, np.uint8)
    last = np.flatnonzero(data == END[1])
    last = last[data[last - 1] == END[0]]
    if not len(last):
        return _NONE, 0
    first = np.empty_like(last)
    first[0], first[1:] = 0, last[:-1] + 1
    # a packet of which only the head has come may end like a cell
    if (tight := last - first < 6).any():
        fitting = int(np.argmax(tight))
        first, last = first[:fitting], last[:fitting]
    size = last - first - 3
    said = _number(data, first)
    short = data[first + 4]
    agree = (said == size) & (size < LARGE) & (short == np.where(size < 252, size - 1, 0xFC))
    long = np.flatnonzero(size >= 252)
    if len(long):
        agree[long] &= (_number(data, first[long] + 5) & 0xFFFF) == size[long] - 3
    if not agree.all():
        good = int(np.argmin(agree))
        first, last, size, long = first[:good], last[:good], size[:good], long[long < good]
    if not len(last):
        return _NONE, 0
    used = int(last[-1]) + 1
    kept = np.ones(used, np.bool_)
    for place in range(5):
        kept[first + place] = False
    kept[last] = False
    for place in (5, 6):
        kept[first[long] + place] = False
    lengths = size - 2
    lengths[long] -= 2
    edges = np.zeros(len(last) + 1, np.int64)
    np.cumsum(lengths, out=edges[1:])
    return Cells(data[:used][kept], edges), used


def _walked(held: bytes) -> tuple[Cells, int]:
    """The same, packet by packet, also where values have ends in them."""
    found, place = [b""], 0
    while place + 4 < len(held):
        end = place + 4 + int.from_bytes(held[place : place + 3], "little")
        size = end - place - 4
        head = 5 if size < 252 else 7
        if end > len(held) or not 3 <= size < LARGE or held[end - 2 : end] != END:
            break
        found.append(held[place + head : end - 1])
        place = end
    return Cells(np.frombuffer(b"".join(found), np.uint8), np.cumsum(list(map(len, found)))), place


def _number(data: Bytes, place: Places) -> Places:
    low, middle, high = (data[place + offset].astype(np.int64) for offset in range(3))
    return low | middle << 8 | high << 16


def _packet(held: bytes, read: Callable[[int], bytes]) -> tuple[bytes, bytes]:
    """One packet's content, with the packets in which it goes on, and the bytes behind it."""
    content: list[bytes] = []
    while True:
        held = _at_least(held, 4, read)
        size = int.from_bytes(held[:3], "little")
        held = _at_least(held, 4 + size, read)
        content.append(held[4 : 4 + size])
        held = held[4 + size :]
        if size < CONTINUED:
            return b"".join(content), held


def _at_least(held: bytes, size: int, read: Callable[[int], bytes]) -> bytes:
    parts, known = [held], len(held)
    while known < size:
        parts.append(_some(read))
        known += len(parts[-1])
    return b"".join(parts)


def _some(read: Callable[[int], bytes]) -> bytes:
    try:
        if some := read(BLOCK):
            return some
    except OSError:
        pass
    raise pymysql.OperationalError(CR.CR_SERVER_LOST, "the connection ended inside a result")


def _alone(packet: bytes) -> Cells:
    """The one cell of a row."""
    if packet[:1] == b"\xfb":
        raise CellMissing
    head = {0xFC: 3, 0xFD: 4, 0xFE: 9}.get(packet[0], 1)
    size = int.from_bytes(packet[1:head], "little") if head > 1 else packet[0]
    if len(packet) != head + size or not packet.endswith(END):
        raise pymysql.InternalError(CR.CR_MALFORMED_PACKET, "a row is not as it was asked for")
    return Cells(np.frombuffer(packet[head:-1], np.uint8), np.array([0, size - 1], np.int64))
