"""A staged object's bytes, read on where a connection breaks."""

import hashlib
import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from typing import Any

from migration_assets.errors import MigrationError, Passing
from migration_assets.staging.manifest import StagedFile
from migration_assets.staging.objects import Objects
from migration_assets.stores.cloud_refusals import classify, code_of, is_conflict, is_missing

#: how often a reading is taken up again without a byte more than the last time
BROKEN = 5
FIRST_WAIT, LONGEST_WAIT = 0.5, 20.0


class Missing(Exception):
    """There is no such object, or it is another one than the manifest speaks of."""


def pieces(
    objects: Objects, file: StagedFile, size: int, *, sleep: Callable[[float], None] = time.sleep
) -> Iterator[bytes]:
    """The object's bytes in pieces of up to `size`; Missing, or Passing where it cannot be read to its end.

    A broken reading goes on where it broke, of the very same object.
    """
    from botocore.exceptions import BotoCoreError, ClientError
    from urllib3.exceptions import HTTPError

    offset, tag, broken = 0, "", 0
    while offset < file.size:
        fault: MigrationError = Passing(
            f"The staging at {objects.address} ended an answer too early.",
            advice="Run the same command again.",
        )
        try:
            answer = _asked(objects, file, offset, tag)
            tag = answer["ETag"]
            with closing(answer["Body"]) as body:
                while data := body.read(size):
                    offset, broken = offset + len(data), 0
                    yield data
        except ClientError as error:
            if is_missing(error) or is_conflict(error) or code_of(error)[1] == 416:
                raise Missing from None
            fault = classify(error, f"The staging at {objects.address}")
        except BotoCoreError as error:
            fault = classify(error, f"The staging at {objects.address}")
        except (HTTPError, OSError):
            pass  # the connection broke below the client
        if offset >= file.size:
            return
        broken += 1
        if broken > BROKEN or not fault.passing:
            raise fault
        sleep(random.uniform(0, min(LONGEST_WAIT, FIRST_WAIT * 2**broken)))


def _asked(objects: Objects, file: StagedFile, offset: int, tag: str) -> Mapping[str, Any]:
    """The answer from `offset` on; Missing where it is of an object of another length."""
    condition = {"IfMatch": tag} if tag else {}
    answer = objects.client.get_object(**objects.at(file.path), Range=f"bytes={offset}-", **condition)
    said = answer.get("ContentRange", "")
    # a server that knows no ranges answers with all of it
    whole = int(said.rpartition("/")[2]) if said else answer["ContentLength"]
    if whole != file.size or (tag and answer["ETag"] != tag) or (offset and not said):
        answer["Body"].close()
        raise Missing
    return answer


def is_as_written(objects: Objects, file: StagedFile) -> bool:
    """Whether the object is what the manifest says, by another reading of it."""
    digest = hashlib.sha256()
    try:
        for data in pieces(objects, file, 1 << 20):
            digest.update(data)
    except Missing:
        return False
    return digest.hexdigest() == file.sha256
