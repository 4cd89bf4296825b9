"""Bytes to the URL that Cloudsmith gives for them; these hosts count for no rate limit.

size            way                                           memory      calls of the API
up to 1 MiB     one form, from memory, MD5 and SHA-256 said   the object  1
up to 100 MiB   one form, streamed, MD5 said where known      1 MiB       1
above           parts of 16 MiB or more, 4 at a time          5 parts     2
"""

import threading
from typing import Any

from migration_assets.buckets.cloudsmith.asking import Uploaded
from migration_assets.buckets.cloudsmith.client import Client
from migration_assets.buckets.cloudsmith.in_parts import InParts
from migration_assets.buckets.cloudsmith.one_form import OneForm
from migration_assets.buckets.cloudsmith.reading import Reader

#: bytes above which an object goes in parts
ONE_FORM = 100 * 2**20
#: objects in parts at once in one process, for the memory that they take
LARGE_AT_ONCE = 1
CONNECT_TIMEOUT, READ_TIMEOUT = 10.0, 300.0


class Uploads:
    """Files of one repository on their way."""

    def __init__(self, client: Client) -> None:
        import urllib3

        self._client = client
        timeout = urllib3.Timeout(connect=CONNECT_TIMEOUT, read=READ_TIMEOUT)
        named: dict[str, Any] = {"ca_certs": client.address.authorities} if client.address.authorities else {}
        self._pool = urllib3.PoolManager(num_pools=8, maxsize=64, timeout=timeout, retries=False, **named)
        self._large = threading.Semaphore(LARGE_AT_ONCE)

    def upload(self, reader: Reader, filename: str) -> Uploaded:
        """Any error of the tree; the object is read anew for each attempt, but a part is only sent anew."""
        if reader.found.size > ONE_FORM:
            with self._large:
                return InParts(self._client, self._pool, reader, filename).upload()
        return OneForm(self._client, self._pool, reader, filename).upload()
