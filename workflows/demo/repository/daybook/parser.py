"""Rules written as people write them: ``every 2 weeks on monday and friday``."""

import re

from .errors import ParseError
from .months import LAST
from .rules import Daily, Monthly, MonthlyByWeekday, Rule, Weekly, Yearly
from .weekdays import Weekday

_RULE = re.compile(
    r"^every\s+(?:(?P<interval>\d+|other|second|third)\s+)?(?P<unit>day|week|month|quarter|year)s?"
    r"(?:\s+on\s+(?P<on>.+))?$",
    re.IGNORECASE,
)
_SHORTHANDS = {
    "daily": "every day", "weekly": "every week", "fortnightly": "every 2 weeks",
    "monthly": "every month", "quarterly": "every quarter", "yearly": "every year", "annually": "every year",
}
_INTERVALS = {"other": 2, "second": 2, "third": 3}
_ORDINALS = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "fifth": 5, "5th": 5, "last": LAST}


def parse_rule(text: str) -> Rule:
    """Reads a rule; a ``ParseError`` says what is wrong."""
    plain = " ".join(text.lower().split())
    match = _RULE.match(_SHORTHANDS.get(plain, plain))
    if match is None:
        raise ParseError(text, "expected 'every [n] day|week|month|quarter|year [on ...]'")

    interval, unit, on = match["interval"], match["unit"], match["on"]
    n = 1 if interval is None else _INTERVALS.get(interval) or int(interval)
    if n < 1:
        raise ParseError(text, "the interval must be at least 1")

    if unit == "week":
        return Weekly(n, _weekdays(on) if on else ())
    if unit in ("month", "quarter"):
        months = n * (3 if unit == "quarter" else 1)
        return _monthly_by_weekday(text, on, months) if on else Monthly(months)
    if on:
        raise ParseError(text, f"'on' makes no sense with {unit}s")
    return Daily(n) if unit == "day" else Yearly(n)


def _weekdays(text: str):
    words = [word for word in re.split(r"\s*,\s*|\s+and\s+|\s+", text) if word and word != "and"]
    if words == ["weekdays"]:
        return tuple(day for day in Weekday if not day.is_weekend)
    return tuple(Weekday.parse(word) for word in words)


def _monthly_by_weekday(text: str, on: str, months: int) -> Rule:
    words = on.split()
    if words and words[0] == "the":
        words = words[1:]
    if len(words) != 2 or words[0] not in _ORDINALS:
        raise ParseError(text, "expected 'on the first|second|third|fourth|fifth|last <weekday>'")
    return MonthlyByWeekday(Weekday.parse(words[1]), _ORDINALS[words[0]], months)
