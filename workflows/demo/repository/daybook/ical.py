"""Schedules as iCalendar recurrence lines (RFC 5545)."""

from functools import singledispatch
from typing import List

from .months import LAST
from .rules import Daily, Monthly, MonthlyByWeekday, Rule, Weekly, Yearly
from .schedule import Schedule


def to_ical(schedule: Schedule) -> List[str]:
    """``DTSTART``, ``RRULE`` and, when there are exceptions, ``EXDATE``. Business-day moves have no counterpart there."""
    parts = _parts(schedule.rule, schedule)
    if schedule.count is not None:
        parts.append(f"COUNT={schedule.count}")
    if schedule.until is not None:
        parts.append(f"UNTIL={schedule.until:%Y%m%d}")
    lines = [f"DTSTART;VALUE=DATE:{schedule.start:%Y%m%d}", "RRULE:" + ";".join(parts)]
    if schedule.exceptions:
        days = ",".join(f"{day:%Y%m%d}" for day in sorted(schedule.exceptions))
        lines.append(f"EXDATE;VALUE=DATE:{days}")
    return lines


@singledispatch
def _parts(rule: Rule, schedule: Schedule) -> List[str]:
    raise TypeError(f"{type(rule).__name__} has no iCalendar form")


@_parts.register
def _(rule: Daily, schedule: Schedule) -> List[str]:
    return ["FREQ=DAILY", f"INTERVAL={rule.interval}"]


@_parts.register
def _(rule: Weekly, schedule: Schedule) -> List[str]:
    parts = ["FREQ=WEEKLY", f"INTERVAL={rule.interval}"]
    if rule.weekdays:
        parts.append("BYDAY=" + ",".join(day.code for day in rule.weekdays))
    return parts


@_parts.register
def _(rule: Monthly, schedule: Schedule) -> List[str]:
    return ["FREQ=MONTHLY", f"INTERVAL={rule.interval}"] + _clamped(schedule.start.day)


@_parts.register
def _(rule: Yearly, schedule: Schedule) -> List[str]:
    parts = ["FREQ=YEARLY", f"INTERVAL={rule.interval}"]
    return parts + [f"BYMONTH={schedule.start.month}"] + _clamped(schedule.start.day)


@_parts.register
def _(rule: MonthlyByWeekday, schedule: Schedule) -> List[str]:
    nth = "-1" if rule.nth == LAST else str(rule.nth)
    return ["FREQ=MONTHLY", f"INTERVAL={rule.interval}", f"BYDAY={nth}{rule.weekday.code}"]


def _clamped(day: int) -> List[str]:
    # A bare BYMONTHDAY=31 would skip short months; the last of 28..31 is what "clamped" means.
    if day <= 28:
        return [f"BYMONTHDAY={day}"]
    return ["BYMONTHDAY=" + ",".join(str(d) for d in range(28, day + 1)), "BYSETPOS=-1"]
