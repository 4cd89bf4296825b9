"""One object, tried until it stands proven at the target or cannot."""

from contextlib import suppress
from dataclasses import replace

from migration_assets.buckets.model import Decision, Found, Moved, There
from migration_assets.buckets.s3.attributes import attributes_of, differing, tag_count, tags_of
from migration_assets.buckets.s3.by_itself import by_itself
from migration_assets.buckets.s3.flow import Waits
from migration_assets.buckets.s3.keeping import VERSION
from migration_assets.buckets.s3.kept import keep
from migration_assets.buckets.s3.layout import is_md5, layout, part_count
from migration_assets.buckets.s3.one import piped, whole
from migration_assets.buckets.s3.parts import in_parts
from migration_assets.buckets.s3.proof import standing
from migration_assets.buckets.s3.putting_back import put_back
from migration_assets.buckets.s3.source import S3Source
from migration_assets.buckets.s3.store import Conflict, Damaged, Missing, version_in
from migration_assets.buckets.s3.way import conditions, way
from migration_assets.buckets.s3.work import Tools, Work
from migration_assets.errors import ConnectionRefused, MigrationError, Passing, SourceChanged

#: how often an object that changes while it is read is begun anew
CHANGES = 3
_AGAIN = "Run the same command again."


def moved(decision: Decision, tools: Tools, earlier: There | None = None) -> Moved:
    """A Moved, whatever came of it; ConnectionRefused where nothing can go on."""
    work = Work(decision, decision.found, earlier=earlier)
    try:
        return _tried(work, tools)
    except ConnectionRefused:
        raise
    except Conflict:
        return _given_up(work, tools, f"{tools.target.shown}: what is there was changed meanwhile. {_AGAIN}")
    except MigrationError as error:
        return _given_up(work, tools, str(error))


def _tried(work: Work, tools: Tools) -> Moved:
    changes = 0
    while True:
        try:
            _wrong_away(work, tools)
            if work.lost and (settled := _settled(work, tools)):
                return settled
            return _attempt(work, tools)
        except SourceChanged as error:
            changes += 1
            now = _now(work.found, tools)
            if now is None:
                raise SourceChanged(
                    f"An object of {tools.source.shown} is no more there.",
                    advice="Plan again, then run again.",
                ) from None
            if changes > CHANGES:
                raise error
            work.found, work.seen = now, {}
        except Conflict:
            if not (found := _looked_for(work, tools)):
                raise
            return found
        except Passing as error:
            work.waits.wait(error)


def _attempt(work: Work, tools: Tools) -> Moved:
    if work.found.marker:
        return _marker(work, tools)
    before = work.decision.before
    if before and before.key == work.key and not work.kept and not work.earlier:
        work.kept = keep(before, tools)
    elif not conditions(tools.facts, work.before, work.ours):
        _look(work, tools)
    if done := by_itself(work, tools):
        return done
    _wrong_away(work, tools)
    chosen = way(work.found, _told(work, tools), tools.facts, work.seen, tools.habits.seen)
    match chosen.kind:
        case "parts":
            return in_parts(work, tools, chosen)
        case "piped":
            return piped(work, tools)
        case _:
            return whole(work, tools)


def _wrong_away(work: Work, tools: Tools) -> None:
    """In a bucket that keeps versions a wrong one does not stay below the right one."""
    if work.ours_version:
        with suppress(Missing):
            tools.target.ask("DELETE", work.key, [("versionId", work.ours_version)]).read()
        work.ours = work.ours_version = ""


def _told(work: Work, tools: Tools) -> tuple[int, ...]:
    """Sizes of parts; of every single one where those that follow from the first were not right."""
    if not part_count(work.found.etag):
        return ()
    if work.seen and isinstance(tools.source, S3Source):
        return layout(tools.source.store, work.found, True, every=True) or ()
    return tools.source.attributes(work.found).parts


def _look(work: Work, tools: Tools) -> None:
    """The target holds to no conditions: Conflict where something else is there than what was."""
    there = standing(tools.target, work.key)
    expected = work.ours or work.before
    if (there.etag if there else None) != expected:
        raise Conflict(f"{tools.target.shown}: somebody else was faster.", "", 412)


def _settled(work: Work, tools: Tools) -> Moved | None:
    """What was written by a request whose answer was lost; None: it was not, or not so.

    Only an ETag that the target makes of the bytes says that it is what was sent.
    """
    if not tools.facts.get("etag_is_md5") or not is_md5(work.found.etag) or work.opaque:
        return None
    there = standing(tools.target, work.key)
    if there is None or there.etag != work.found.etag or there.size != work.found.size:
        return None
    if work.earlier and there.version == work.earlier.version:
        return None
    return work.moved(there, "etag")


def _looked_for(work: Work, tools: Tools) -> Moved | None:
    while True:
        try:
            return _settled(work, tools) if work.lost else _arrived(work, tools)
        except Passing as error:
            work.waits.wait(error)


def _arrived(work: Work, tools: Tools) -> Moved | None:
    """What is there in place of what was: all that was meant, bytes and attributes, of a run that died."""
    there = standing(tools.target, work.key)
    hashed = is_md5(work.found.etag) or part_count(work.found.etag)
    if not there or not hashed or not tools.facts.get("etag_is_md5") or work.earlier:
        return None
    if (there.etag, there.size) != (work.found.etag, work.found.size):
        return None
    wanted, _ = tools.writing.wanted(
        work.decision.attributes or tools.source.attributes(work.found), tools.facts
    )
    head = tools.target.ask("HEAD", work.key).headers
    tags = tags_of(tools.target, work.key, "") if tag_count(head) else ()
    if differing(wanted, replace(attributes_of(head), tags=tags)):
        return None
    return work.moved(there, "etag" if is_md5(there.etag) else "parts_etag")


def _now(found: Found, tools: Tools) -> Found | None:
    if found.version:
        return None
    return next(iter(tools.source.listed(found.key, found.key + "\0")), None)


def _marker(work: Work, tools: Tools) -> Moved:
    """A delete marker is made by deleting what is there, of which nothing is lost."""
    if tools.facts.get("versioning") != "Enabled":
        return work.failed(f"{tools.target.shown} keeps no versions. Enable them, then run again.")
    answer = tools.target.ask("DELETE", work.key)
    answer.read()
    return work.moved(There(work.key, 0, "", version_in(answer.headers)), "etag")


def _given_up(work: Work, tools: Tools, reason: str) -> Moved:
    """What this run wrote and could not prove does not stay; what it kept for that is not needed."""
    waits = Waits()
    while True:
        try:
            _cleared(work, tools)
            return work.failed(reason)
        except ConnectionRefused:
            raise
        except Passing as error:
            with suppress(Passing):
                waits.wait(error)
                continue
        except MigrationError:
            pass
        return work.failed(f"{reason} What was written under its key could not be taken away.")


def _cleared(work: Work, tools: Tools) -> None:
    if not work.ours:
        if work.kept and not work.kept.startswith(VERSION) and not work.lost:
            tools.target.ask("DELETE", work.kept).read()
            work.kept = ""
        return
    there = standing(tools.target, work.key)
    if there and there.etag == work.ours:
        made = replace(work.moved(there, ""), state="failed")
        undone = put_back(made, tools.target, tools.facts, tools.reserved)
        if undone.state == "failed":
            raise Damaged(undone.reason)
        work.kept = ""
