"""What happens to a date that falls on a day off."""

from datetime import date
from enum import Enum

from .holidays import HolidayCalendar


class Convention(Enum):
    NONE = "none"
    FOLLOWING = "following"
    PRECEDING = "preceding"
    MODIFIED_FOLLOWING = "modified following"


def adjust(day: date, calendar: HolidayCalendar, convention: Convention) -> date:
    """The business day that stands in for ``day``."""
    if convention is Convention.NONE:
        return day
    if convention is Convention.PRECEDING:
        return calendar.on_or_before(day)
    moved = calendar.on_or_after(day)
    if convention is Convention.MODIFIED_FOLLOWING and moved.month != day.month:
        return calendar.on_or_before(day)
    return moved
