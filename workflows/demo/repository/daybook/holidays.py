"""Public holidays and the days on which business is done."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Iterable, Optional, Set

from .months import nth_weekday
from .weekdays import Weekday

ONE_DAY = timedelta(days=1)


class Holiday(ABC):
    """A day that is off once a year."""

    @abstractmethod
    def in_year(self, year: int) -> Optional[date]:
        """Its date, or None in a year without it."""


@dataclass(frozen=True)
class FixedHoliday(Holiday):
    month: int
    day: int
    observed: bool = False

    def in_year(self, year: int) -> Optional[date]:
        try:
            day = date(year, self.month, self.day)
        except ValueError:
            return None
        if not self.observed:
            return day
        if day.weekday() == Weekday.SATURDAY:
            return day - ONE_DAY
        return day + ONE_DAY if day.weekday() == Weekday.SUNDAY else day


@dataclass(frozen=True)
class NthWeekdayHoliday(Holiday):
    month: int
    weekday: Weekday
    nth: int

    def in_year(self, year: int) -> Optional[date]:
        return nth_weekday(year, self.month, self.weekday, self.nth)


@dataclass(frozen=True)
class EasterHoliday(Holiday):
    """A day counted from Easter Sunday of the western churches."""

    offset: int = 0

    def in_year(self, year: int) -> Optional[date]:
        return easter(year) + timedelta(days=self.offset)


def easter(year: int) -> date:
    """Easter Sunday by the anonymous Gregorian method."""
    golden = year % 19
    century, rest = divmod(year, 100)
    leap_centuries, century_rest = divmod(century, 4)
    moon_shift = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leap_centuries - moon_shift + 15) % 30
    leaps, rest = divmod(rest, 4)
    to_sunday = (32 + 2 * century_rest + 2 * leaps - epact - rest) % 7
    correction = (golden + 11 * epact + 22 * to_sunday) // 451
    month, day = divmod(epact + to_sunday - 7 * correction + 114, 31)
    return date(year, month, day + 1)


class HolidayCalendar:
    """Holidays and weekends together."""

    def __init__(self, holidays: Iterable[Holiday] = (), weekend=(Weekday.SATURDAY, Weekday.SUNDAY)):
        self._holidays = tuple(holidays)
        self._weekend = frozenset(weekend)
        self._years = {}

    def holidays(self, year: int) -> Set[date]:
        if year not in self._years:
            # An observed New Year's Day can fall into the year before.
            found = (h.in_year(y) for h in self._holidays for y in (year, year + 1))
            self._years[year] = {day for day in found if day is not None and day.year == year}
        return self._years[year]

    def is_business_day(self, day: date) -> bool:
        return day.weekday() not in self._weekend and day not in self.holidays(day.year)

    def on_or_after(self, day: date) -> date:
        while not self.is_business_day(day):
            day += ONE_DAY
        return day

    def on_or_before(self, day: date) -> date:
        while not self.is_business_day(day):
            day -= ONE_DAY
        return day

    def business_days(self, first: date, last: date) -> int:
        """How many business days lie in ``first`` to ``last``, both included."""
        span = (last - first).days + 1
        return sum(self.is_business_day(first + n * ONE_DAY) for n in range(span))
