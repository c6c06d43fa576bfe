"""Recurring dates for billing, payroll and reminders."""

from .conventions import Convention, adjust
from .describe import describe
from .durations import Duration
from .errors import DaybookError, ParseError, RuleError
from .holidays import EasterHoliday, FixedHoliday, HolidayCalendar, NthWeekdayHoliday
from .ical import to_ical
from .parser import parse_rule
from .rules import Daily, Monthly, MonthlyByWeekday, Rule, Weekly, Yearly
from .schedule import Schedule
from .weekdays import Weekday

__all__ = [
    "Convention",
    "Daily",
    "DaybookError",
    "Duration",
    "EasterHoliday",
    "FixedHoliday",
    "HolidayCalendar",
    "Monthly",
    "MonthlyByWeekday",
    "NthWeekdayHoliday",
    "ParseError",
    "Rule",
    "RuleError",
    "Schedule",
    "Weekday",
    "Weekly",
    "Yearly",
    "adjust",
    "describe",
    "parse_rule",
    "to_ical",
]
