"""What is known of the calls that Cloudsmith still takes: pure, so that threads and processes may share it.

Cloudsmith says with each answer how many calls are left until when. A call is asked for before it is
made; what is left at the last answer, less what is on its way, may still go.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

#: one call in so many is left to others who use the account
RESERVE = 50
#: seconds after which a call that nobody answered for is no more on its way
LOST = 60.0
#: seconds between two looks at what another process asks
TOUCH = 0.05
#: seconds that a window lasts longer than said: it is said in whole ones
GRAIN = 1.0


@dataclass(frozen=True)
class Allowance:
    """Times are seconds since 1970 on this machine's clock."""

    #: calls that may still go in this window; None: nobody has said
    left: int | None = None
    limit: int = 0
    until: float = 0.0
    #: no call before this: an answer said so
    blocked: float = 0.0
    flying: int = 0
    #: when the call left that finds out what is left
    probe: float = 0.0
    #: when a call was last asked or answered for
    seen: float = 0.0

    @property
    def reserve(self) -> int:
        return max(1, self.limit // RESERVE)


def asked(allowance: Allowance, now: float) -> tuple[Allowance, float]:
    """What is left then, and the seconds to wait; 0: the call may go.

    blocked       window             a probe is on its way    left            then
    until later   -                  -                        -               wait until then
    no            unknown, or over   no                       -               go, as the probe
    no            unknown, or over   yes                      -               wait a touch
    no            open               -                        over reserve    go
    no            open               -                        reserve         wait for its end
    """
    if allowance.blocked > now:
        return allowance, allowance.blocked - now
    if allowance.left is None or now >= allowance.until:
        if allowance.probe and now - allowance.probe < LOST:
            return allowance, TOUCH
        # what is still on its way may be counted in the new window
        flying = allowance.flying + 1 if now - allowance.seen < LOST else 1
        return Allowance(limit=allowance.limit, flying=flying, probe=now, seen=now), 0.0
    if allowance.left > allowance.reserve:
        return replace(allowance, left=allowance.left - 1, flying=allowance.flying + 1, seen=now), 0.0
    return allowance, allowance.until - now + TOUCH


def answered(allowance: Allowance, now: float, headers: Mapping[str, str], offset: float = 0.0) -> Allowance:
    """With what an answer says: `X-RateLimit-Remaining`, `-Reset` (seconds since 1970 there), `-Limit`.

    `offset` is how far the server's clock is ahead of this one. What is on its way may or may not be
    counted already: it is taken off once more, which errs by too few.
    """
    flying = max(0, allowance.flying - 1)
    said = _said(headers)
    if said is None:
        # a server that counts nothing: nothing is held back
        left = allowance.left if allowance.left is not None else 10**6
        return replace(allowance, flying=flying, probe=0.0, left=left, until=max(allowance.until, now + 1))
    remaining, limit, reset = said
    until = reset - offset + GRAIN
    left = max(0, remaining - flying)
    if allowance.left is not None and until < allowance.until + 1.5:
        # the same window, or one that is over
        left = min(left, allowance.left) if until > allowance.until - 1.5 else allowance.left
        until = max(until, allowance.until)
    found = Allowance(left, limit, until, allowance.blocked, flying, seen=now)
    # nothing is left, and it should be over: not at once again
    return found if left > found.reserve else replace(found, until=max(until, now + GRAIN))


def unanswered(allowance: Allowance) -> Allowance:
    """A call whose answer is lost: it may have been counted."""
    return replace(allowance, flying=max(0, allowance.flying - 1), probe=0.0)


def refused(allowance: Allowance, now: float, seconds: float) -> Allowance:
    """After a 429: nobody asks before its time, and then one asks first."""
    return Allowance(limit=allowance.limit, blocked=max(allowance.blocked, now + seconds))


def _said(headers: Mapping[str, str]) -> tuple[int, int, float] | None:
    try:
        remaining = int(headers["X-RateLimit-Remaining"])
        limit = int(headers["X-RateLimit-Limit"])
        return remaining, limit, float(headers["X-RateLimit-Reset"])
    except (KeyError, ValueError):
        return None
