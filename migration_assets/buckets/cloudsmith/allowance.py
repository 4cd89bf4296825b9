"""What is known of the calls that Cloudsmith still takes: pure, so that threads and processes may share it.

Cloudsmith says with each answer how many calls are left until when. A call is asked for before it is
made; what is left at the last answer, less what is on its way, may still go.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

#: one call in so many is left to others who use the account
RESERVE = 50
#: seconds after which a call that nobody answered for is no more on its way: its process was killed
LOST = 75.0
#: seconds after which a second call may find out what is left, where the first has no answer yet
PROBE = 5.0
#: seconds that no window and no Retry-After lasts: whatever says so was written by a clock that is wrong
NEVER = 86_400.0
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
    #: when each call left that is on its way
    flying: tuple[float, ...] = ()
    #: when the call left that finds out what is left
    probe: float = 0.0

    @property
    def reserve(self) -> int:
        return max(1, self.limit // RESERVE)


def asked(allowance: Allowance, now: float) -> tuple[Allowance, float]:
    """What is left then, and the seconds to wait; 0: the call may go, and `now` is its ticket.

    blocked       window             a probe is on its way    left            then
    until later   -                  -                        -               wait until then
    no            unknown, or over   no, or for too long      -               go, as the probe
    no            unknown, or over   yes                      -               wait a touch
    no            open               -                        over reserve    go
    no            open               -                        reserve         wait for its end
    """
    if max(allowance.until, allowance.blocked, allowance.probe) > now + NEVER:
        allowance = Allowance()
    if allowance.blocked > now:
        return allowance, allowance.blocked - now
    flying = (*(each for each in allowance.flying if abs(now - each) < LOST), now)
    if allowance.left is None or now >= allowance.until:
        if allowance.probe and abs(now - allowance.probe) < PROBE:
            return allowance, TOUCH
        # what is still on its way may be counted in the new window
        return Allowance(limit=allowance.limit, flying=flying, probe=now), 0.0
    if allowance.left > allowance.reserve:
        return replace(allowance, left=allowance.left - 1, flying=flying), 0.0
    return allowance, allowance.until - now + TOUCH


def answered(
    allowance: Allowance, now: float, headers: Mapping[str, str], ticket: float, offset: float = 0.0
) -> Allowance:
    """With what an answer says: `X-RateLimit-Remaining`, `-Reset` (seconds since 1970 there), `-Limit`.

    `offset` is how far the server's clock is ahead of this one. What is on its way may or may not be
    counted already: it is taken off once more, which errs by too few.
    """
    flying = _landed(allowance.flying, ticket)
    said = _said(headers)
    if said is None:
        # a server that counts nothing: nothing is held back
        left = allowance.left if allowance.left is not None else 10**6
        return replace(allowance, flying=flying, probe=0.0, left=left, until=max(allowance.until, now + 1))
    remaining, limit, reset = said
    until = reset - offset + GRAIN
    left = max(0, remaining - len(flying))
    if allowance.left is not None and until < allowance.until + 1.5:
        # the same window, or one that is over
        left = min(left, allowance.left) if until > allowance.until - 1.5 else allowance.left
        until = max(until, allowance.until)
    found = Allowance(left, limit, until, allowance.blocked, flying)
    # nothing is left, and it should be over: not at once again
    return found if left > found.reserve else replace(found, until=max(until, now + GRAIN))


def unanswered(allowance: Allowance, ticket: float) -> Allowance:
    """A call whose answer is lost: it may have been counted."""
    return replace(allowance, flying=_landed(allowance.flying, ticket), probe=0.0)


def refused(allowance: Allowance, now: float, seconds: float, ticket: float = 0.0) -> Allowance:
    """After a 429: nobody asks before its time, and then one asks first."""
    flying = _landed(allowance.flying, ticket)
    return Allowance(limit=allowance.limit, blocked=max(allowance.blocked, now + seconds), flying=flying)


def _landed(flying: tuple[float, ...], ticket: float) -> tuple[float, ...]:
    """Without one that has this ticket."""
    at = flying.index(ticket) if ticket in flying else len(flying)
    return flying[:at] + flying[at + 1 :]


def _said(headers: Mapping[str, str]) -> tuple[int, int, float] | None:
    try:
        remaining = int(headers["X-RateLimit-Remaining"])
        limit = int(headers["X-RateLimit-Limit"])
        return remaining, limit, float(headers["X-RateLimit-Reset"])
    except (KeyError, ValueError):
        return None
