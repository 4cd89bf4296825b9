"""Takes back exactly what was moved: each package only if it still is what was written."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice

from migration_assets.buckets.cloudsmith import clearing
from migration_assets.buckets.cloudsmith.client import Client
from migration_assets.buckets.cloudsmith.listing import Listed, one, pages
from migration_assets.buckets.model import Moved, Undone

#: below so many, packages are asked for one by one
FEW = 5


def undo(client: Client, moved: Iterable[Moved]) -> Iterator[Undone]:
    """In the order given, 100 by 100; the listing is read once."""
    left = iter(moved)
    some = list(islice(left, clearing.MOST))
    found = _all(client) if len(some) > FEW else None
    gone: dict[str, Undone] = {}
    while some:
        gone |= _completed(client, some, found)
        yield from _some(client, some, found, gone)
        some = list(islice(left, clearing.MOST))


def _completed(client: Client, some: list[Moved], found: dict[str, Listed] | None) -> dict[str, Undone]:
    """By slug, what a rollback had deleted that died before it put back what was there.

    was moved over another    it is there    that one is in the bin    its path is free    then
    yes                       no             yes                       yes                 it is put back
    any other                                                                              -
    """
    over = {_slug(each): each for each in some if each.state == "moved" and _slug(each) and _kept(each)}
    over = {slug: each for slug, each in over.items() if _looked(client, slug, found) is None}
    lying = clearing.binned(client, {_kept(each) for each in over.values()}) if over else set[str]()
    if not lying:
        return {}
    taken = {there.key for each in _all(client).values() if not each.failed for there in each.theres}
    back = {
        slug: each
        for slug, each in over.items()
        if _kept(each) in lying and each.decision.target not in taken
    }
    failed = set(clearing.restore(client, {_kept(each) for each in back.values()}))
    return {slug: _became(each, False, _kept(each) in failed) for slug, each in back.items()}


def _some(
    client: Client, some: list[Moved], found: dict[str, Listed] | None, gone: dict[str, Undone]
) -> Iterator[Undone]:
    """`gone`: what became of packages that were taken back before; several objects may be one package."""
    slugs_of_all = dict.fromkeys(map(_slug, some))
    looked = {slug: _looked(client, slug, found) for slug in slugs_of_all}
    refused: dict[int, str] = {}
    for each in some:
        if _slug(each) not in gone:
            refused[id(each)] = why_left(each, looked[_slug(each)])
    held = {_slug(each) for each in some if refused.get(id(each))}
    slugs = {_slug(each): each for each in some if _slug(each) not in held | set(gone)}
    failed = set(clearing.delete(client, slugs))
    kept = {slug: _kept(each) for slug, each in slugs.items() if _kept(each) and slug not in failed}
    not_restored = set(clearing.restore(client, kept.values()))
    for slug, each in slugs.items():
        gone[slug] = _became(each, slug in failed, kept.get(slug, "") in not_restored)
    for each in some:
        slug = _slug(each)
        if slug in gone:
            yield replace(gone[slug], moved=each)
        else:
            reason = refused[id(each)] or "Its package has another file that is no more what was written."
            yield Undone(each, "left", reason)


def _looked(client: Client, slug: str, found: dict[str, Listed] | None) -> Listed | None:
    if found is not None:
        return found.get(slug)
    return one(client, slug) if slug else None


def _became(moved: Moved, failed: bool, not_restored: bool) -> Undone:
    if failed:
        return Undone(moved, "failed", "Cloudsmith did not delete it. Look whether the key may.")
    if not_restored:
        reason = "It was removed, and what was there before did not come out of the recycle bin."
        return Undone(moved, "failed", reason)
    return Undone(moved, "restored" if _kept(moved) else "removed")


def _slug(moved: Moved) -> str:
    return moved.there.version if moved.there else ""


def _kept(moved: Moved) -> str:
    """What was there before this migration came. What it has itself overwritten since, as the damaged package
    of a run that died, is no more wanted than that run's others: `kept` may name that."""
    before = moved.decision.before
    return before.version if before else ""


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
    there = listed.file(moved.there.key)
    if there is None or dict(there.digests) != dict(moved.there.digests) or there.size != moved.there.size:
        return "It is no more what was written."
    return ""


def _all(client: Client) -> dict[str, Listed]:
    return {each.slug: each for page in pages(client) for each in page}
