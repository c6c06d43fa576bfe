"""Rules: how a schedule goes on from its first day.

A rule is an endless, increasing sequence of dates that belongs to an *anchor*, the day a
schedule starts on. ``seek`` makes windows that begin years after the anchor cheap.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from typing import Iterator, Tuple

from .errors import RuleError
from .months import LAST, month_index, nth_weekday, shift_months
from .weekdays import Weekday, start_of_week


class Rule(ABC):
    """A way of repeating."""

    @abstractmethod
    def dates(self, anchor: date) -> Iterator[date]:
        """All dates from the anchor on, in order."""

    @abstractmethod
    def seek(self, anchor: date, target: date) -> date:
        """An anchor near ``target`` that gives the same dates from there on as ``anchor`` does.

        Never lies after the first date that is on or after ``target``.
        """


def _check_interval(interval: int) -> None:
    if interval < 1:
        raise RuleError(f"an interval must be at least 1, not {interval}")


@dataclass(frozen=True)
class Daily(Rule):
    interval: int = 1

    def __post_init__(self):
        _check_interval(self.interval)

    def dates(self, anchor: date) -> Iterator[date]:
        for n in count():
            yield anchor + timedelta(days=n * self.interval)

    def seek(self, anchor: date, target: date) -> date:
        periods = max(0, (target - anchor).days // self.interval)
        return anchor + timedelta(days=periods * self.interval)


@dataclass(frozen=True)
class Weekly(Rule):
    """On some weekdays of every n-th week; without weekdays, on the anchor's own."""

    interval: int = 1
    weekdays: Tuple[Weekday, ...] = field(default=())

    def __post_init__(self):
        _check_interval(self.interval)
        object.__setattr__(self, "weekdays", tuple(sorted(set(self.weekdays))))

    def dates(self, anchor: date) -> Iterator[date]:
        weekdays = self.weekdays or (Weekday(anchor.weekday()),)
        monday = start_of_week(anchor)
        for n in count():
            week = monday + timedelta(weeks=n * self.interval)
            for weekday in weekdays:
                day = week + timedelta(days=int(weekday))
                if day >= anchor:
                    yield day

    def seek(self, anchor: date, target: date) -> date:
        weeks = (start_of_week(target) - start_of_week(anchor)).days // 7
        periods = max(0, weeks // self.interval)
        if periods == 0:
            return anchor
        if not self.weekdays:
            return anchor + timedelta(weeks=periods * self.interval)
        return start_of_week(anchor) + timedelta(weeks=periods * self.interval)


@dataclass(frozen=True)
class Monthly(Rule):
    """On the anchor's day of every n-th month; the last day where a month is too short."""

    interval: int = 1

    def __post_init__(self):
        _check_interval(self.interval)

    @property
    def months(self) -> int:
        """Months from one date to the next."""
        return self.interval

    def dates(self, anchor: date) -> Iterator[date]:
        # From the anchor each time: a short month must not shorten those that follow.
        for n in count():
            yield shift_months(anchor, n * self.months)

    def seek(self, anchor: date, target: date) -> date:
        periods = max(0, (month_index(target) - month_index(anchor)) // self.months)
        return shift_months(anchor, periods * self.months)


@dataclass(frozen=True)
class Yearly(Monthly):
    """On the anchor's day of every n-th year; 29 February becomes the 28th in common years."""

    @property
    def months(self) -> int:
        return 12 * self.interval


@dataclass(frozen=True)
class MonthlyByWeekday(Rule):
    """On the n-th (or last) weekday of every n-th month; months without a fifth one are skipped."""

    weekday: Weekday
    nth: int
    interval: int = 1

    def __post_init__(self):
        _check_interval(self.interval)
        if self.nth != LAST and not 1 <= self.nth <= 5:
            raise RuleError(f"a month has no weekday number {self.nth}")

    def dates(self, anchor: date) -> Iterator[date]:
        first_of_month = anchor.replace(day=1)
        for n in count():
            month = shift_months(first_of_month, n * self.interval)
            day = nth_weekday(month.year, month.month, self.weekday, self.nth)
            if day is not None and day >= anchor:
                yield day

    def seek(self, anchor: date, target: date) -> date:
        periods = max(0, (month_index(target) - month_index(anchor)) // self.interval)
        if periods == 0:
            return anchor
        return shift_months(anchor.replace(day=1), periods * self.interval)
