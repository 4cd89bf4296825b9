"""The objects of the demo: what suppliers and builds leave in a bucket, keys that peers lose among them."""

import gzip
import hashlib
import io
import json
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field

#: bytes of a part of the object that is uploaded in parts
PART = 5 << 20


@dataclass(frozen=True)
class Thing:
    """One object, the same whenever it is made."""

    key: str
    body: bytes
    content_type: str = "binary/octet-stream"
    metadata: dict[str, str] = field(default_factory=dict[str, str])
    tags: str = ""
    in_parts: bool = False


def things() -> Iterator[Thing]:
    yield from _products()
    yield from _awkward()
    yield from _releases()


def _products() -> Iterator[Thing]:
    for number in range(1, 31):
        supplier = {"supplier": f"supplier-{number % 7}"} if number % 3 else {}
        text = f"part;price\n{number:05d};{number * 7}.90\n"
        yield Thing(f"prices/{number:05d}.csv", text.encode(), "text/csv", supplier, "kind=price&year=2025")
    for number in range(1, 9):
        yield Thing(f"pictures/{number:05d}.png", _png(number), "image/png", {"supplier": "studio"})
    yield Thing("manuals/all.pdf", b"%PDF-1.7\n" + _noise("manual", 2 * PART + 17), in_parts=True)


def _awkward() -> Iterator[Thing]:
    """Keys and bodies that other tools lose, or write to another place."""
    for key in (
        "a//b",
        "../up",
        "x/../y",
        "dir/",
        "with blank.txt",
        "caf\u00e9.txt",
        "cafe\u0301.txt",
        "100%.txt",
    ):
        yield Thing(f"odd/{key}", key.encode(), "text/plain; charset=utf-8", {"supplier": "odd & co"})
    yield Thing("odd/empty", b"")
    yield Thing(f"odd/{'long/' * 190}end", b"deep")


def _releases() -> Iterator[Thing]:
    """Small, and real: each opens with the tools of its format."""
    for version in ("1.0.0", "1.1.0"):
        yield Thing(f"releases/python/shop_prices-{version}-py3-none-any.whl", _wheel(version))
        yield Thing(f"releases/npm/shop-cart-{version}.tgz", _npm(version), "application/gzip")
        yield Thing(f"releases/firmware/till-{version}.bin", _noise(f"till {version}", 40_000))
    yield Thing("releases/docs/CHANGES.txt", b"1.1.0  The cart counts.\n", "text/plain")


def _noise(seed: str, size: int) -> bytes:
    found = bytearray()
    block = hashlib.sha512(seed.encode()).digest()
    while len(found) < size:
        block = hashlib.sha512(block).digest()
        found += block
    return bytes(found[:size])


def _png(number: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + _noise(f"picture {number}", 3_000 + number)


def _wheel(version: str) -> bytes:
    name = f"shop_prices-{version}.dist-info"
    files = {
        "shop_prices/__init__.py": f'__version__ = "{version}"\n',
        f"{name}/METADATA": f"Metadata-Version: 2.1\nName: shop-prices\nVersion: {version}\n",
        f"{name}/WHEEL": "Wheel-Version: 1.0\nGenerator: demo\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},,\n" for path in (*files, f"{name}/RECORD"))
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in {**files, f"{name}/RECORD": record}.items():
            archive.writestr(zipfile.ZipInfo(path, (2025, 1, 1, 0, 0, 0)), text)
    return made.getvalue()


def _npm(version: str) -> bytes:
    said = {"name": "shop-cart", "version": version, "main": "index.js"}
    files = {"package/package.json": json.dumps(said), "package/index.js": "module.exports = [];\n"}
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for path, text in files.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
    return gzip.compress(made.getvalue(), mtime=0)
