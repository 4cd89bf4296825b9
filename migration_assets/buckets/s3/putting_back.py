"""Takes back what was moved, only where it still is what was written."""

from migration_assets.buckets.model import Moved, There, Undone
from migration_assets.buckets.s3.flow import Waits
from migration_assets.buckets.s3.keeping import kept_at
from migration_assets.buckets.s3.proof import standing
from migration_assets.buckets.s3.serverside import copy_within
from migration_assets.buckets.s3.store import Conflict, Missing, Store
from migration_assets.buckets.s3.way import Facts
from migration_assets.errors import ConnectionRefused, MigrationError, Passing

_CHANGED = "It is no more what was written, so it was left. Look at it, then remove or restore it by hand."


def put_back(moved: Moved, store: Store, facts: Facts, reserved: str) -> Undone:
    """
    was there    bucket            still ours    then
    -            keeps versions    version is    our version is removed: what was before is there again
    nothing      keeps none        yes           removed
    something    keeps none        yes           copied back from where it was kept, and that removed
    -            keeps none        no            left
    """
    waits = Waits()
    while True:
        try:
            return _once(moved, store, facts, reserved)
        except Conflict:
            return Undone(moved, "left", _CHANGED)
        except ConnectionRefused:
            raise
        except Passing as error:
            try:
                waits.wait(error)
            except Passing as last:
                return Undone(moved, "failed", str(last))
        except MigrationError as error:
            return Undone(moved, "failed", str(error))


def _once(moved: Moved, store: Store, facts: Facts, reserved: str) -> Undone:
    there = moved.there
    if there is None:
        return Undone(moved, "left", "Nothing was written.")
    if there.version:
        return _version(moved, there, store)
    now = standing(store, there.key)
    if now and now.etag == there.etag and now.version and facts.get("versioning") == "Enabled":
        return _version(moved, now, store)
    if place := _kept(moved, there, reserved):
        return _restored(moved, there, now, store, place, acl=bool(facts.get("acl")))
    if now is None:
        return Undone(moved, "removed")
    _remove(store, there, now, facts)
    return Undone(moved, "removed")


def _version(moved: Moved, there: There, store: Store) -> Undone:
    """A version never changes: it is ours or it is gone."""
    store.ask("DELETE", there.key, [("versionId", there.version)]).read()
    return Undone(moved, "restored" if moved.kept else "removed")


def _kept(moved: Moved, there: There, reserved: str) -> str:
    """Of what a run moved that died before it could tell, the place is known all the same."""
    before = moved.decision.before
    over = before and before.key == there.key and not moved.kept
    return kept_at(reserved, before) if before and over else moved.kept


def _restored(
    moved: Moved, there: There, now: There | None, store: Store, place: str, *, acl: bool
) -> Undone:
    kept = standing(store, place)
    before = moved.decision.before
    if now and before and now.etag == before.etag and (kept is None or now.etag != there.etag):
        _away(store, place)
        return Undone(moved, "restored")
    if now is None or now.etag != there.etag:
        raise Conflict(f"{store.shown}: somebody else was faster.", "", 412)
    if kept is None:
        return Undone(moved, "failed", "What was kept of it is gone. Restore it from a backup.")
    copy_within(store, place, there.key, kept.etag, over=True, acl=acl)
    _away(store, place)
    return Undone(moved, "restored")


def _remove(store: Store, there: There, now: There, facts: Facts) -> None:
    if now.etag != there.etag:
        raise Conflict(f"{store.shown}: somebody else was faster.", "", 412)
    held = {"if-match": f'"{there.etag}"'} if facts.get("if_match_delete") else {}
    _away(store, there.key, held)


def _away(store: Store, key: str, headers: dict[str, str] | None = None) -> None:
    try:
        store.ask("DELETE", key, (), headers).read()
    except Missing:
        return
