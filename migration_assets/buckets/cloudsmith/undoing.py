"""Takes back exactly what was moved: each package only if it still is what was written."""

from collections.abc import Iterable, Iterator
from itertools import islice

from migration_assets.buckets.cloudsmith import making
from migration_assets.buckets.cloudsmith.client import Client
from migration_assets.buckets.cloudsmith.listing import Listed, one, pages
from migration_assets.buckets.model import Moved, Undone

#: below so many, packages are asked for one by one
FEW = 5


def undo(client: Client, moved: Iterable[Moved]) -> Iterator[Undone]:
    """In the order given, 100 by 100; the listing is read once."""
    left = iter(moved)
    some = list(islice(left, making.MOST))
    found = _all(client) if len(some) > FEW else None
    while some:
        yield from _some(client, some, found)
        some = list(islice(left, making.MOST))


def _some(client: Client, some: list[Moved], found: dict[str, Listed] | None) -> Iterator[Undone]:
    ours: list[Moved] = []
    for each in some:
        slug = each.there.version if each.there else ""
        listed = found.get(slug) if found is not None else one(client, slug) if slug else None
        if refusal := why_left(each, listed):
            yield Undone(each, "left", refusal)
        else:
            ours.append(each)
    slugs = {each.there.version: each for each in ours if each.there}
    failed = set(making.delete(client, slugs))
    kept = [each.kept for slug, each in slugs.items() if each.kept and slug not in failed]
    not_restored = set(making.restore(client, kept))
    for slug, each in slugs.items():
        if slug in failed:
            yield Undone(each, "failed", "Cloudsmith did not delete it. Look whether the key may.")
        elif each.kept in not_restored and each.kept:
            yield Undone(
                each,
                "failed",
                "It was removed, and what was there before is not in the recycle bin any more.",
            )
        else:
            yield Undone(each, "restored" if each.kept else "removed")


def why_left(moved: Moved, listed: Listed | None) -> str:
    """
    was moved    is there    digests       then
    no           -           -             left: nothing was written
    yes          no          -             left: somebody removed it
    yes          yes         any other     left: it is no more what was written
    yes          yes         all the same  (it is taken back)
    """
    if moved.state != "moved" or moved.there is None:
        return "Nothing was written for it."
    if listed is None:
        return "It is not there any more."
    if dict(listed.digests) != dict(moved.there.digests) or listed.size != moved.there.size:
        return "It is no more what was written."
    return ""


def _all(client: Client) -> dict[str, Listed]:
    return {each.slug: each for page in pages(client) for each in page}
