"""Facts in, findings out; pure."""

from collections.abc import Iterator, Sequence

from migration_assets.analyzer.preflight.facts import Facts
from migration_assets.analyzer.preflight.finding import Finding, Side

#: the oldest version that is supported, by engine
OLDEST: dict[str, tuple[int, int]] = {
    "PostgreSQL": (13, 0),
    "MariaDB": (10, 5),
    "MySQL": (8, 0),
    "SQLite": (3, 31),
}
#: what the tests run with
TESTED = {
    "PostgreSQL": "18 is what every test runs with",
    "MariaDB": "10.11 is what every test runs with",
    "MySQL": "tested as MariaDB 10.11 alone, which shares most of its dialect",
    "SQLite": "the version in Python's own library is what every test runs with",
}
#: by how much more than the rows themselves the staging and the target need
ROOM = 2.2
NAMED = 5


def source_findings(facts: Facts, lanes: int) -> Iterator[Finding]:
    yield version(facts, "source")
    yield _readable(facts)
    yield _only_read(facts)
    yield from _connections(facts, "source", lanes)
    yield Finding("encoding", "source", True, False, facts.encoding)
    yield Finding("time zone", "source", True, False, f"{facts.time_zone}; it is read in UTC")
    yield from _long(facts, "source")
    if facts.standby and facts.engine == "PostgreSQL":
        yield Finding(
            "standby",
            "source",
            False,
            False,
            "a standby may cancel a long snapshot when its primary's changes come in",
            "Raise max_standby_streaming_delay, or read from the primary.",
        )


def target_findings(facts: Facts, lanes: int) -> Iterator[Finding]:
    yield version(facts, "target")
    yield Finding(
        "writable",
        "target",
        not facts.standby,
        True,
        "it is a standby, or read-only" if facts.standby else "it takes changes",
        "Point the URL at the primary, or set default_transaction_read_only off." if facts.standby else "",
    )
    yield from _connections(facts, "target", lanes)
    unicode = facts.encoding == "UTF8"
    yield Finding(
        "encoding",
        "target",
        unicode,
        True,
        facts.encoding if unicode else f"{facts.encoding} cannot hold every character",
        "" if unicode else "Make the target's database with `ENCODING 'UTF8' TEMPLATE template0`.",
    )
    yield Finding("time zone", "target", True, False, f"{facts.time_zone}; it is written in UTC")
    yield from _long(facts, "target")


def version(facts: Facts, side: Side) -> Finding:
    """An engine without an oldest version is of the general path, which nobody has tested with all."""
    oldest = OLDEST.get(facts.engine)
    said = f"{facts.engine} {facts.version}"
    if oldest is None:
        return Finding("version", side, True, False, f"{said}, read by SQLAlchemy's dialect")
    supported = ".".join(map(str, oldest)).removesuffix(".0")
    fits = facts.numbers[:2] >= oldest
    found = f"{said} ({supported} and later are supported; {TESTED[facts.engine]})"
    return Finding("version", side, fits, True, found, "" if fits else f"Upgrade {facts.engine} first.")


def _readable(facts: Facts) -> Finding:
    if not facts.unreadable:
        return Finding("right SELECT", "source", True, True, f"{facts.role} may read every contract's table")
    shown = facts.unreadable[:NAMED]
    named = "; ".join(f"{each.table}: {each.why}" for each in shown)
    more = f"; and {len(facts.unreadable) - NAMED} more" if len(facts.unreadable) > NAMED else ""
    remedies = dict.fromkeys(each.remedy for each in facts.unreadable if each.remedy)
    ways = [*remedies, *(["Correct `from.table`."] if any(not each.remedy for each in shown) else [])]
    return Finding("right SELECT", "source", False, True, named + more, " ".join(ways))


def _only_read(facts: Facts) -> Finding:
    """The role's rights; the connection is a read-only one whatever they are."""
    name, ours = "read-only role", "the connection is opened read-only all the same"
    if facts.writable is None:
        return Finding(name, "source", None, False, f"{facts.engine} does not tell here what a role may do")
    if not facts.writable:
        return Finding(name, "source", True, False, f"{facts.role} may write to nothing that is moved")
    more = f" and {len(facts.writable) - NAMED} more" if len(facts.writable) > NAMED else ""
    return Finding(
        name,
        "source",
        False,
        False,
        f"{facts.role} could write: {', '.join(facts.writable[:NAMED])}{more}; {ours}",
        "A role with SELECT alone is enough; take one.",
    )


def _connections(facts: Facts, side: Side, needed: int) -> Iterator[Finding]:
    """
    free            finding
    >= needed       holds
    < needed        does not: runs would wait or fail
    """
    if facts.connections is None:
        if facts.engine != "SQLite":
            yield Finding("connections", side, None, False, "the server does not tell how many it lets in")
        return
    free = facts.connections.free
    fits = free >= needed
    yield Finding(
        "connections",
        side,
        fits,
        True,
        f"{free} of {facts.connections.most} are free, {needed} are needed by runs and lanes at once",
        "" if fits else "Raise max_connections, end idle ones, or set MIGRATION_LANES=1.",
    )


def _long(facts: Facts, side: Side) -> Iterator[Finding]:
    name = "long transactions"
    if facts.long is None:
        if facts.engine != "SQLite":
            yield Finding(name, side, None, False, "the role may not see them", "Grant it PROCESS to know.")
        return
    unseen = "" if facts.long.all_seen else "; those of other roles are not seen without pg_read_all_stats"
    if facts.long.number == 0:
        passed = True if facts.long.all_seen else None
        yield Finding(name, side, passed, False, f"none older than five minutes{unseen}")
        return
    yield Finding(
        name,
        side,
        False,
        False,
        f"{facts.long.number}, the oldest open for {_span(facts.long.seconds)}{unseen}; they hold back "
        "vacuum and may hold locks",
        "Look at pg_stat_activity and pg_prepared_xacts."
        if facts.engine == "PostgreSQL"
        else "Look at information_schema.innodb_trx.",
    )


def _span(seconds: int) -> str:
    return f"{seconds // 3600} h {seconds % 3600 // 60} min" if seconds >= 3600 else f"{seconds // 60} min"


def room(name: str, side: Side, bytes_: int, free: int | None, unknown: Sequence[str], where: str) -> Finding:
    """Free space against what is moved * 2.2; `free` is None where it cannot be seen."""
    needed = round(bytes_ * ROOM)
    said = f"{size(needed)} are needed ({size(bytes_)} * {ROOM})"
    if unknown:
        said += f", without {len(unknown)} contracts of unknown size"
    if free is None:
        return Finding(name, side, None, False, f"{said}; {where}", "Look with `df` on the server.")
    fits = free >= needed
    advice = "" if fits else "Make room, or move fewer contracts at once."
    return Finding(name, side, fits, True, f"{said}, {size(free)} are free; {where}", advice)


def size(number: float) -> str:
    """Bytes for a reader."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if abs(number) < 1000:
            return f"{number:.0f} {unit}" if unit == "bytes" else f"{number:.1f} {unit}"
        number /= 1000
    return f"{number:.1f} TB"
