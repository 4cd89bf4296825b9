"""Takes back exactly what was moved: each package only if it still is what was written."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from migration_assets.buckets.cloudsmith import clearing
from migration_assets.buckets.cloudsmith.client import Client
from migration_assets.buckets.cloudsmith.listing import Listed, one, pages
from migration_assets.buckets.model import Moved, Undone

#: up to so many packages no listing is read; and so many that it misses are asked for by name
FEW, MISSED = 5, 20


def undo(client: Client, moved: Iterable[Moved]) -> Iterator[Undone]:
    """In the order given, 100 by 100; the listing is read once."""
    left = iter(moved)
    some = list(islice(left, clearing.MOST))
    found = _all(client) if len(some) > FEW else None
    became: dict[str, Undone] = {}
    while some:
        looked = _looked(client, [slug for slug in map(_slug, some) if slug not in became], found)
        became |= _gone(
            client, [each for each in some if _wrote(each) and looked.get(_slug(each), 1) is None], found
        )
        yield from _some(client, some, looked, became)
        some = list(islice(left, clearing.MOST))


def _looked(
    client: Client, slugs: Iterable[str], found: Mapping[str, Listed] | None
) -> dict[str, Listed | None]:
    """A listing may be behind: what it does not show is looked for in the recycle bin, where that is much,
    and else asked for by name."""
    looked = {slug: found.get(slug) if found else None for slug in slugs if slug}
    missing = {slug for slug, listed in looked.items() if listed is None}
    if len(missing) > MISSED:
        missing -= clearing.binned(client, missing)
    return looked | {slug: one(client, slug) for slug in missing}


def _gone(client: Client, some: Sequence[Moved], found: Mapping[str, Listed] | None) -> dict[str, Undone]:
    """By slug, what becomes of packages that are not there any more; a rollback may have died behind it.

    another one has its path    it had replaced one    that one is              then
    yes                         -                      -                        left
    no                          no                     -                        (removed)
    no                          yes                    there                    (restored)
    no                          yes                    in the recycle bin       restored
    no                          yes                    neither                  failed
    """
    if not some:
        return {}
    now = _all(client) if found is None else found
    kept = {_slug(each): _kept(each) for each in some}
    named = {there.key: slug for slug, each in now.items() if not each.failed for there in each.theres}
    taken = {
        _slug(each)
        for each in some
        if named.get(each.decision.target, "") not in ("", _slug(each), _kept(each))
    }
    back = {each for slug, each in kept.items() if each and slug not in taken}
    lost = set(clearing.restore(client, back))
    return {
        _slug(each): Undone(each, "left", "Somebody has made another package there since.")
        if _slug(each) in taken
        else _became(each, False, _kept(each) in lost)
        for each in some
    }


def _some(
    client: Client, some: list[Moved], looked: Mapping[str, Listed | None], became: dict[str, Undone]
) -> Iterator[Undone]:
    """`became`: what became of packages before; several objects may be one package."""
    refused: dict[int, str] = {}
    for each in some:
        if _slug(each) not in became:
            refused[id(each)] = why_left(each, looked.get(_slug(each)))
    held = {_slug(each) for each in some if refused.get(id(each))}
    slugs = {_slug(each): each for each in some if _slug(each) not in held | set(became)}
    failed = set(clearing.delete(client, slugs))
    kept = {slug: _kept(each) for slug, each in slugs.items() if _kept(each) and slug not in failed}
    not_restored = set(clearing.restore(client, kept.values()))
    for slug, each in slugs.items():
        became[slug] = _became(each, slug in failed, kept.get(slug, "") in not_restored)
    for each in some:
        slug = _slug(each)
        if slug in became:
            yield replace(became[slug], moved=each)
        else:
            reason = refused[id(each)] or "Its package has another file that is no more what was written."
            yield Undone(each, "left", reason)


def _became(moved: Moved, failed: bool, not_restored: bool) -> Undone:
    if failed:
        return Undone(moved, "failed", "Cloudsmith did not delete it. Look whether the key may.")
    if not_restored:
        reason = "It was removed, and what was there before did not come out of the recycle bin."
        return Undone(moved, "failed", reason)
    return Undone(moved, "restored" if _kept(moved) else "removed")


def _wrote(moved: Moved) -> bool:
    return moved.state == "moved" and moved.there is not None


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
    yes          no          -             left: it is no more what was written
    yes          yes         any other     left: it is no more what was written
    yes          yes         all the same  (it is taken back)
    """
    if moved.state != "moved" or moved.there is None:
        return "Nothing was written for it."
    there = listed.file(moved.there.key) if listed else None
    if there is None or dict(there.digests) != dict(moved.there.digests) or there.size != moved.there.size:
        return "It is no more what was written."
    return ""


def _all(client: Client) -> dict[str, Listed]:
    return {each.slug: each for page in pages(client) for each in page}
