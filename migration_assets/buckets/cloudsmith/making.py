"""A package from a file that was uploaded: made once, though an answer may be lost."""

import time
from collections.abc import Mapping
from typing import Any

from migration_assets.buckets.cloudsmith import client as waits
from migration_assets.buckets.cloudsmith.client import ATTEMPTS, Client
from migration_assets.buckets.cloudsmith.listing import Listed, made, pages
from migration_assets.buckets.cloudsmith.refusals import PlanRefused, RequestRefused
from migration_assets.errors import MigrationError, Passing

#: seconds that a package whose file was used is looked for, and the longest between two looks
BEHIND, LONGEST_GAP = 60.0, 15.0
#: seconds that the server's clock may be off
CLOCKS = 300.0


def make(
    client: Client, format: str, data: Mapping[str, Any], path: str, size: int, *, besides: str = ""
) -> tuple[Listed, bool]:
    """The package, on its way, and whether it is surely ours; `besides` is the slug of one that it is not.

    Its file can be used once: before it is asked for again, the package is looked for. It says that it
    replaces nothing, since a repository may be set to replace what is there.
    """
    call = getattr(client.packages, f"packages_upload_{format}", None)
    if call is None:
        raise RequestRefused(
            f"{client.address} has no packages of the format {format}.",
            advice="Correct `format` in the contract's `package`.",
        )
    started = time.time()
    for attempt in range(1, ATTEMPTS + 1):
        try:
            said = client.said(call, *client.here, data={"republish": False, **data}, again=False)
            return made(said, client), True
        except PlanRefused:
            raise _not_in_plan(client, format) from None
        except RequestRefused:
            # the first refusal is one; after a lost answer it means that the file was used
            if attempt == 1:
                raise
            return _surely_there(client, path, size, started, besides), False
        except Passing:
            if attempt == ATTEMPTS:
                raise
        client.wait(attempt)
        if found := _made(client, path, size, started, besides):
            return found, False
    raise AssertionError("unreachable")


def _not_in_plan(client: Client, format: str) -> MigrationError:
    return RequestRefused(
        f"{client.address} takes no package of the format {format}: its plan or quota does not allow it.",
        advice="Say another `format` in the contract's `package`, or ask for more.",
    )


def _surely_there(client: Client, path: str, size: int, started: float, besides: str) -> Listed:
    """It was made, whatever came of it, and the listing may be behind; Passing where it does not come up."""
    until, gap = time.monotonic() + BEHIND, waits.FIRST_WAIT
    while True:
        if found := _made(client, path, size, started, besides, failed=True):
            return found
        if time.monotonic() > until or client.budget.stop.wait(gap):
            raise Passing(
                "The answer to the making of its package was lost, and it is not listed.",
                advice="Run `migrate run` again.",
                cause="connection",
            )
        gap = min(LONGEST_GAP, 2 * gap)


def _made(
    client: Client, path: str, size: int, started: float, besides: str, *, failed: bool = False
) -> Listed | None:
    """A package of this path and size that this key's user has uploaded since."""
    newest = next(pages(client), [])
    return next(
        (
            each
            for each in newest
            if (each.path, each.size, each.uploader) == (path, size, client.me)
            and each.uploaded > started - CLOCKS
            and (failed or not each.failed)
            and each.slug != besides
        ),
        None,
    )
