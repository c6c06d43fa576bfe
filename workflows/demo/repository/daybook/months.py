"""Month arithmetic on dates."""

from calendar import monthrange
from datetime import date
from typing import Optional

from .weekdays import Weekday, on_or_after, on_or_before

LAST = -1


def days_in_month(year: int, month: int) -> int:
    return monthrange(year, month)[1]


def end_of_month(day: date) -> date:
    return day.replace(day=days_in_month(day.year, day.month))


def is_end_of_month(day: date) -> bool:
    return day.day == days_in_month(day.year, day.month)


def month_index(day: date) -> int:
    """Months since year 0: differences of two indexes count whole calendar months."""
    return day.year * 12 + day.month - 1


def shift_months(day: date, months: int) -> date:
    """The same day of the month ``months`` later, or the last day of a month that is too short."""
    year, month = divmod(month_index(day) + months, 12)
    return date(year, month + 1, min(day.day, days_in_month(year, month + 1)))


def nth_weekday(year: int, month: int, weekday: Weekday, n: int) -> Optional[date]:
    """The n-th weekday of a month (1..5, or ``LAST``), or None when the month has no fifth one."""
    if n == LAST:
        return on_or_before(date(year, month, days_in_month(year, month)), weekday)
    day = on_or_after(date(year, month, 1), weekday).day + 7 * (n - 1)
    return date(year, month, day) if day <= days_in_month(year, month) else None
