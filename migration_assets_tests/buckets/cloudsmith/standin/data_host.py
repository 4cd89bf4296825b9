"""The hosts of files: what is uploaded, and what is downloaded; they count for no rate limit."""

from collections.abc import Mapping
from typing import IO
from urllib.parse import unquote

from migration_assets_tests.buckets.cloudsmith.standin import bodies
from migration_assets_tests.buckets.cloudsmith.standin.answers import Answer
from migration_assets_tests.buckets.cloudsmith.standin.world import World

_BAD_DIGEST = (
    b"<?xml version='1.0'?><Error><Code>BadDigest</Code><Message>secret-of-the-server</Message></Error>"
)
_TOO_LARGE = b"<?xml version='1.0'?><Error><Code>EntityTooLarge</Code></Error>"
_XML = {"Content-Type": "application/xml"}


def taken(
    world: World,
    method: str,
    path: str,
    asked: Mapping[str, str],
    headers: Mapping[str, str],
    body: IO[bytes],
    length: int,
    known: bool,
) -> Answer:
    upload = world.uploads.get(path.strip("/").split("/")[1])
    to = world.place()
    if upload is None or length > world.largest + 2**16:
        bodies.copied(body, length, to)
        to.unlink()
        return Answer(404, b"", _XML) if upload is None else Answer(400, _TOO_LARGE, _XML)
    if upload.expired:
        bodies.copied(body, length, to)
        to.unlink()
        return Answer(403, b"<Error><Code>AccessDenied</Code></Error>", _XML)
    if method == "POST":
        fields, md5 = bodies.form(body, length, headers.get("Content-Type") or "", to)
        if fields.get("key") != upload.identifier or upload.method != "post":
            return Answer(403, b"<Error><Code>AccessDenied</Code></Error>", _XML)
        if upload.md5 and md5 != upload.md5:
            to.unlink()
            return Answer(400, _BAD_DIGEST, _XML)
        upload.file = to
        return Answer(204, None)
    md5 = bodies.copied(body, length, to)
    if upload.method != "put_parts":
        said = bodies.md5_of_header(headers.get("Content-MD5") or "") or upload.md5
        if said and said != md5:
            return Answer(400, _BAD_DIGEST, _XML)
        upload.file = to
        return Answer(200, None)
    if not known:
        return Answer(401, {"detail": "Authentication credentials were not provided."})
    number = asked.get("part_number", "")
    if asked.get("upload_id") != upload.identifier or not number.isdecimal() or not 0 < int(number) <= 10_000:
        return Answer(400, {"detail": "Invalid part."})
    upload.parts[int(number)] = to
    return Answer(200, None, {"ETag": f'"{md5}"'})


def given(world: World, path: str, known: bool, span: str) -> Answer:
    """`/basic/OWNER/REPOSITORY/FORMAT/PATH`, or with `public` or a token's word instead of `basic`."""
    _, owner, repository, format, rest = path.lstrip("/").split("/", 4)
    if path.startswith("/basic/") and not known:
        return Answer(401, {"detail": "Invalid credentials"}, {"WWW-Authenticate": "Basic"})
    for stored in world.of(owner, repository):
        where = stored.said.get("filepath") or f"{stored.slug_perm}/{stored.filename}"
        if stored.state == "completed" and stored.format == format and unquote(rest) == where:
            headers = {"ETag": f'"{stored.digests["md5"]}"', "Content-Type": "application/octet-stream"}
            return Answer(200, None, headers, stored.file)
    return Answer(404, {"detail": "Not found."})
