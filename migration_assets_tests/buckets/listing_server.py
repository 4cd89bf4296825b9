"""A bucket of so many keys that nobody has made: answers list-objects-v2 over HTTP, pages of a thousand.

`python -m migration_assets_tests.buckets.listing_server NUMBER` prints its endpoint and serves until it is ended.
"""

import sys
from bisect import bisect_right
from collections.abc import Sequence
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, quote, urlsplit
from xml.sax.saxutils import escape

PAGE = 1000
SIZE = 1 << 20


class Keys(Sequence[str]):
    """The n-th key of so many, in the order of their bytes; none is kept."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __len__(self) -> int:
        return self.number

    def __getitem__(self, at: int) -> str:  # type: ignore[override]
        return f"{self.folder(at)}{at:09d}.tar.gz"

    def folder(self, at: int) -> str:
        return f"team-{at // 1000:05d}/ä b+c/"


def page(keys: Keys, query: dict[str, list[str]]) -> str:
    def said(name: str) -> str:
        return query.get(name, [""])[0]

    text = quote if said("encoding-type") == "url" else escape
    first = int(said("continuation-token") or -1)
    if first < 0:
        first = bisect_right(keys, said("start-after")) if said("start-after") else 0
    last = min(first + int(said("max-keys") or PAGE), len(keys))
    # signs to be coded are in the folders alone
    folders = {at // 1000: text(keys.folder(at)) for at in (first, last)}
    entries = "".join(
        f"<Contents><Key>{folders[at // 1000]}{at:09d}.tar.gz</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified>"
        f"<ETag>&quot;{at:032x}&quot;</ETag><Size>{SIZE}</Size><StorageClass>STANDARD</StorageClass></Contents>"
        for at in range(first, last)
    )
    more = last < len(keys)
    token = f"<NextContinuationToken>{last}</NextContinuationToken>" if more else ""
    coded = "<EncodingType>url</EncodingType>" if said("encoding-type") == "url" else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        f"<IsTruncated>{str(more).lower()}</IsTruncated>{coded}{entries}{token}</ListBucketResult>"
    )


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, keys: Keys, *given: object) -> None:
        self.keys = keys
        super().__init__(*given)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        body = page(self.keys, parse_qs(urlsplit(self.path).query)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


def main() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, Keys(int(sys.argv[1]))))
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
