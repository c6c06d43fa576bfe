"""A schedule: a rule with a first day, perhaps an end, exceptions and a business calendar."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import islice
from typing import FrozenSet, Iterator, List, Optional

from .conventions import Convention, adjust
from .errors import RuleError
from .holidays import HolidayCalendar
from .rules import Rule

# No run of weekend days and holidays is longer than this, so no date moves further.
_MOST_MOVED = timedelta(days=15)


@dataclass(frozen=True)
class Schedule:
    start: date
    rule: Rule
    until: Optional[date] = None
    count: Optional[int] = None
    exceptions: FrozenSet[date] = field(default=frozenset())
    calendar: Optional[HolidayCalendar] = None
    convention: Convention = Convention.NONE

    def __post_init__(self):
        if self.count is not None and self.count < 1:
            raise RuleError(f"a schedule has at least one occurrence, not {self.count}")
        if self.until is not None and self.until < self.start:
            raise RuleError(f"a schedule cannot end on {self.until}, before its start {self.start}")
        if self.convention is not Convention.NONE and self.calendar is None:
            raise RuleError(f"the convention {self.convention.value!r} needs a calendar")

    def __iter__(self) -> Iterator[date]:
        """All occurrences, endless unless ``until`` or ``count`` is set."""
        return self._occurrences(self.start)

    def first(self, n: int) -> List[date]:
        """The first ``n`` occurrences."""
        return list(islice(self, n))

    def between(self, first: date, last: date) -> List[date]:
        """The occurrences from ``first`` to ``last``, both included."""
        found = []
        for day in self._occurrences(self._seek(first)):
            if day > last + _MOST_MOVED:
                break
            if first <= day <= last:
                found.append(day)
        return found

    def next_after(self, day: date) -> Optional[date]:
        """The first occurrence after ``day``, or None when the schedule has ended."""
        for occurrence in self._occurrences(self._seek(day)):
            if occurrence > day:
                return occurrence
        return None

    def occurs_on(self, day: date) -> bool:
        return bool(self.between(day, day))

    def without(self, *days: date) -> "Schedule":
        """This schedule without some of its unadjusted dates."""
        return replace(self, exceptions=self.exceptions | frozenset(days))

    def _seek(self, target: date) -> date:
        # Occurrences can only be counted from the start.
        if self.count is not None or target <= self.start:
            return self.start
        return self.rule.seek(self.start, target - _MOST_MOVED)

    def _occurrences(self, anchor: date) -> Iterator[date]:
        for n, day in enumerate(self.rule.dates(anchor)):
            if self.count is not None and n >= self.count:
                return
            if self.until is not None and day > self.until:
                return
            if day in self.exceptions:
                continue
            yield day if self.calendar is None else adjust(day, self.calendar, self.convention)
