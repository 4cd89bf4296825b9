"""Bodies of requests into files, in pieces: a form with its file as the last field, or bytes as they are."""

import base64
import hashlib
from pathlib import Path
from typing import IO

PIECE = 2**18


class Short(Exception):
    """The connection ended before the body did."""


def copied(source: IO[bytes], length: int, to: Path) -> str:
    """The md5 of what was written."""
    digest = hashlib.md5(usedforsecurity=False)
    with to.open("wb") as out:
        while length:
            piece = source.read(min(PIECE, length))
            if not piece:
                raise Short
            length -= len(piece)
            digest.update(piece)
            out.write(piece)
    return digest.hexdigest()


def form(source: IO[bytes], length: int, content_type: str, to: Path) -> tuple[dict[str, str], str]:
    """Fields, and the md5 of the file that is the form's last field."""
    boundary = b"--" + content_type.partition("boundary=")[2].strip('"').encode()
    fields: dict[str, str] = {}
    left = length - len(_line(source))
    while True:
        headers: dict[str, str] = {}
        while line := _line(source):
            left -= len(line)
            if line == b"\r\n":
                break
            name, _, value = line.decode().partition(":")
            headers[name.lower()] = value.strip()
        if not headers:
            raise Short
        said = headers["content-disposition"]
        name = said.partition('name="')[2].partition('"')[0]
        if "filename=" in said:
            # the file, then the end: CRLF, boundary, two dashes, CRLF
            end = len(boundary) + 6
            md5 = copied(source, left - end, to)
            if source.read(end) != b"\r\n" + boundary + b"--\r\n":
                raise Short
            return fields, md5
        value = b""
        while not (line := _line(source)).startswith(boundary):
            if not line:
                raise Short
            left -= len(line)
            value += line
        left -= len(line)
        fields[name] = value.removesuffix(b"\r\n").decode()


def _line(source: IO[bytes]) -> bytes:
    return source.readline(2**16)


def md5_of_header(text: str) -> str:
    """Hexadecimal of what Content-MD5 has in base64."""
    return base64.b64decode(text).hex() if text else ""
