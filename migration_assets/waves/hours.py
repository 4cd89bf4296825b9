"""Whether a wave's window is open, and when it opens next; pure."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from migration_assets.waves.model import DAYS, Window


def is_open(window: Window | None, now: datetime) -> bool:
    """`now` has a time zone.

    window                         a Tuesday 03:00, its hours     open
    none                           -                              yes
    tue, 00:00 to 00:00            the whole day                  yes
    tue, 02:00 to 04:00            the same day                   yes
    tue, 04:00 to 05:00            -                              no
    mon, 22:00 to 06:00            from Monday evening on         yes
    tue, 22:00 to 06:00            from Tuesday evening on        no
    """
    if window is None:
        return True
    local = now.astimezone(ZoneInfo(window.timezone))
    today, before = DAYS[local.weekday()], DAYS[local.weekday() - 1]
    clock = local.time().replace(tzinfo=None)
    if window.opens < window.closes:
        return today in window.days and window.opens <= clock < window.closes
    return (today in window.days and clock >= window.opens) or (
        before in window.days and clock < window.closes
    )


def opens_next(window: Window, now: datetime) -> datetime:
    """When a window that is not open opens, in its own time zone."""
    zone = ZoneInfo(window.timezone)
    local = now.astimezone(zone)
    for days in range(8):
        day = (local + timedelta(days=days)).date()
        begins = datetime.combine(day, window.opens, zone)
        if DAYS[day.weekday()] in window.days and begins.astimezone(UTC) > now.astimezone(UTC):
            return begins
    raise AssertionError("a window has at least one day of the week")
