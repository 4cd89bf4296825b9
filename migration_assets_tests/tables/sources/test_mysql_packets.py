"""Cells cut out of packets, against packets that are put together here."""

import random
from collections.abc import Callable, Iterator

import pymysql
import pytest

from migration_assets.tables.sources.mysql_packets import CellMissing, cells

END = b"\xfa\xfb"
EOF = b"\xfe\x00\x00\x22\x00"
MOST = 0xFFFFFF


def packets(*contents: bytes) -> bytes:
    """Contents as packets, the longest ones in several."""
    made, number = [], 0
    for content in contents:
        while True:
            part, content = content[:MOST], content[MOST:]
            made.append(len(part).to_bytes(3, "little") + bytes([number % 256]) + part)
            number += 1
            if len(part) < MOST:
                break
    return b"".join(made)


def cell(value: bytes) -> bytes:
    """A row of one column, as the protocol writes it."""
    size = len(value)
    for least, mark, width in ((251, b"", 1), (1 << 16, b"\xfc", 2), (1 << 24, b"\xfd", 3)):
        if size < least:
            return mark + size.to_bytes(width, "little") + value
    return b"\xfe" + size.to_bytes(8, "little") + value


def reader(stream: bytes, sizes: Callable[[], int]) -> Callable[[int], bytes]:
    """Gives the stream as a socket does: some bytes at a time, and never more than there are."""
    place = 0

    def read(most: int) -> bytes:
        nonlocal place
        part = stream[place : place + min(most, max(1, sizes()))]
        place += len(part)
        return part

    return read


def values(read: Callable[[int], bytes]) -> Iterator[bytes]:
    for block in cells(read, "utf8"):
        found = list(block)
        assert len(found) == block.count
        yield from found


@pytest.mark.parametrize("size", [1, 7, 1000, 50_000, 1 << 20])
def test_cells_of_any_length_come_whole_however_the_bytes_arrive(size: int) -> None:
    random.seed(seed := random.randrange(10**9))
    print(f"seed {seed}")
    lengths = [0, 1, 246, 247, 248, 249, 250, 251, 252, 253, 254, 255, 256, 510, 63_000, 65_535, 65_536]
    lengths = random.choices([*lengths, *range(300)], k=3000 if size > 1 else 300)
    wanted = [bytes(random.choices(b"ab\n\x00\xff\xf9\xfa\xfc\xfe", k=length)) for length in lengths]
    wanted = [value.removesuffix(b"\xfa") for value in wanted]
    stream = packets(*(cell(value + END) for value in wanted), EOF)
    sizes = (lambda: random.randint(1, size)) if size > 1 else (lambda: 1)
    assert list(values(reader(stream, sizes))) == wanted


def test_values_that_hold_an_end_are_not_cut_in_two() -> None:
    random.seed(seed := random.randrange(10**9))
    print(f"seed {seed}")
    wanted = [bytes(random.choices(b"a" + END, k=random.randrange(40))) for _ in range(5000)]
    stream = packets(*(cell(value + END) for value in wanted), EOF)
    assert list(values(reader(stream, lambda: random.randint(1, 1 << 17)))) == wanted


def test_cells_of_more_than_a_packet_come_whole() -> None:
    wanted = [b"small", b"x" * (MOST - 6), b"x" * (MOST - 5), b"x" * MOST, b"y" * (2 * MOST + 3), b"small"]
    stream = packets(*(cell(value + END) for value in wanted), EOF)
    assert list(values(reader(stream, lambda: 1 << 18))) == wanted


def test_no_byte_behind_the_end_is_asked_for() -> None:
    for count in (0, 1, 5000):
        stream = packets(*[cell(b"value" + END)] * count, EOF)
        read = reader(stream, lambda: 1 << 18)
        assert len(list(values(read))) == count
        assert read(1) == b""


def test_an_error_of_the_server_is_raised_after_the_cells_before_it() -> None:
    stream = packets(*[cell(b"value" + END)] * 1000, b"\xff\x25\x05#70100no reason")
    read = reader(stream, lambda: 1 << 18)
    found: list[bytes] = []
    with pytest.raises(pymysql.Error) as told:
        found.extend(values(read))
    assert told.value.args[0] == 1317
    assert len(found) in (0, 1000)


def test_a_connection_that_ends_early_is_told() -> None:
    stream = packets(*[cell(b"value" + END)] * 1000, EOF)
    for cut in (0, 3, 100, 5000, len(stream) - 9, len(stream) - 1):
        with pytest.raises(pymysql.OperationalError):
            list(values(reader(stream[:cut], lambda: 1 << 18)))


@pytest.mark.parametrize("before", [0, 1, 250, 251])
def test_a_missing_cell_is_told(before: int) -> None:
    stream = packets(*[cell(b"value" + END)] * before, b"\xfb", cell(b"value" + END), EOF)
    with pytest.raises(CellMissing):
        list(values(reader(stream, lambda: 1 << 18)))


@pytest.mark.parametrize("length", [0xFA, 0xFBFA, 0xFAFB, 0xFB])
def test_a_packets_head_that_looks_like_an_end_is_none(length: int) -> None:
    wanted = [b"first", b"x" * (length - 6), b"last"]
    stream = packets(*(cell(value + END) for value in wanted), EOF)
    for size in range(1, 40):
        assert list(values(reader(stream, lambda size=size: size))) == wanted
