"""A package from a file that was uploaded: made once, though an answer may be lost; deleted; restored."""

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from migration_assets.buckets.cloudsmith.client import ATTEMPTS, Client
from migration_assets.buckets.cloudsmith.listing import Listed, listed, pages
from migration_assets.buckets.cloudsmith.refusals import RequestRefused
from migration_assets.errors import Passing

#: packages that one call may name
MOST = 100


def make(client: Client, format: str, data: Mapping[str, Any], path: str, size: int) -> tuple[Listed, bool]:
    """The package, on its way, and whether it is surely ours.

    Its file can be used once: before it is asked for again, the package is looked for.
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
            return listed(client.said(call, *client.here, data=dict(data), again=False)), True
        except (Passing, RequestRefused) as error:
            # the first refusal is one; after a lost answer it may mean that the file was used
            if attempt == ATTEMPTS or (attempt == 1 and isinstance(error, RequestRefused)):
                raise
        client.wait(attempt)
        if made := _made(client, path, size, started):
            return made, False
    raise AssertionError("unreachable")


def _made(client: Client, path: str, size: int, started: float) -> Listed | None:
    """A package of this path and size that came since; the server's clock may be some minutes off."""
    newest = next(pages(client), [])
    return next(
        (
            each
            for each in newest
            if (each.path, each.size) == (path, size) and each.uploaded > started - 300 and not each.failed
        ),
        None,
    )


def delete(client: Client, slugs: Iterable[str]) -> tuple[str, ...]:
    """Into the recycle bin; which were not deleted, among them those that were gone."""
    return _left(client, client.bulk.bulk_action, "Delete", slugs)


def restore(client: Client, slugs: Iterable[str]) -> tuple[str, ...]:
    """Out of the recycle bin, where packages lie for some days; which could not be."""
    return _left(client, client.bin.recycle_bin_action, "restore", slugs)


def _left(client: Client, call: Any, action: str, slugs: Iterable[str]) -> tuple[str, ...]:
    """Of what is asked for, 100 a call, all that was not done."""
    left: list[str] = []
    for some in _hundreds(tuple(slugs)):
        said = client.said(
            call,
            client.address.owner,
            data={"action": action, "identifiers": list(some), "repository": client.address.repository},
            again=True,
        )
        done: list[str] = said.get("packages_actioned") or []
        left += [slug for slug in some if slug not in done]
    return tuple(left)


def _hundreds(slugs: Sequence[str]) -> list[Sequence[str]]:
    return [slugs[at : at + MOST] for at in range(0, len(slugs), MOST)]
