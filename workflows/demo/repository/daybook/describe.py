"""Rules as English text; ``parse_rule`` reads what ``describe`` writes."""

from functools import singledispatch

from .months import LAST
from .rules import Daily, Monthly, MonthlyByWeekday, Rule, Weekly, Yearly

_ORDINALS = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", LAST: "last"}


@singledispatch
def describe(rule: Rule) -> str:
    raise TypeError(f"no description for {type(rule).__name__}")


@describe.register
def _(rule: Daily) -> str:
    return _every(rule.interval, "day")


@describe.register
def _(rule: Weekly) -> str:
    text = _every(rule.interval, "week")
    return f"{text} on {_join([day.title for day in rule.weekdays])}" if rule.weekdays else text


@describe.register
def _(rule: Monthly) -> str:
    if rule.interval % 3 == 0 and rule.interval < 12:
        return _every(rule.interval // 3, "quarter")
    return _every(rule.interval, "month")


@describe.register
def _(rule: Yearly) -> str:
    return _every(rule.interval, "year")


@describe.register
def _(rule: MonthlyByWeekday) -> str:
    return f"{_every(rule.interval, 'month')} on the {_ORDINALS[rule.nth]} {rule.weekday.title}"


def _every(interval: int, unit: str) -> str:
    return f"every {unit}" if interval == 1 else f"every {interval} {unit}s"


def _join(words) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
