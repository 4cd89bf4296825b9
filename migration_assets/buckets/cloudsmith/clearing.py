"""Packages into the recycle bin and out of it, many a call: what is there counts, not what is answered."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from migration_assets.buckets.cloudsmith.client import Client
from migration_assets.buckets.cloudsmith.listing import PAGE, one

#: packages that one call may name
MOST = 100


def delete(client: Client, slugs: Iterable[str]) -> tuple[str, ...]:
    """Into the recycle bin; which are still there. Gone is gone, whoever did it: an answer may be lost."""
    left = _left(client, client.bulk.bulk_action, "Delete", slugs)
    return tuple(slug for slug in left if one(client, slug) is not None)


def restore(client: Client, slugs: Iterable[str]) -> tuple[str, ...]:
    """Out of the recycle bin, where packages lie for some days; which are not there again."""
    left = _left(client, client.bin.recycle_bin_action, "restore", slugs)
    return tuple(slug for slug in left if one(client, slug) is None)


def binned(client: Client, slugs: Collection[str]) -> set[str]:
    """Which of these packages lie in the recycle bin."""
    wanted, found, page = set(slugs), set[str](), 1
    while wanted - found:
        said, headers = client.page(
            client.bin.recycle_bin_list,
            client.address.owner,
            page=page,
            page_size=PAGE,
            repository=client.address.repository,
            again=True,
        )
        found |= {str(each.get("slug_perm")) for each in said or ()} & wanted
        if page >= int(headers.get("X-Pagination-PageTotal") or 1):
            break
        page += 1
    return found


def _left(client: Client, call: Any, action: str, slugs: Iterable[str]) -> tuple[str, ...]:
    """Of what is asked for, 100 a call, all that is not said to be done."""
    left: list[str] = []
    for some in _hundreds(tuple(slugs)):
        said = client.said(
            call,
            client.address.owner,
            data={"action": action, "identifiers": list(some), "repository": client.address.repository},
            again=True,
        )
        done: list[str] = (said or {}).get("packages_actioned") or []
        left += [slug for slug in some if slug not in done]
    return tuple(left)


def _hundreds(slugs: Sequence[str]) -> list[Sequence[str]]:
    return [slugs[at : at + MOST] for at in range(0, len(slugs), MOST)]
