"""Days of the week, numbered as ``date.weekday()`` numbers them."""

from datetime import date, timedelta
from enum import IntEnum

from .errors import ParseError


class Weekday(IntEnum):
    MONDAY = 0
    TUESDAY = 1
    WEDNESDAY = 2
    THURSDAY = 3
    FRIDAY = 4
    SATURDAY = 5
    SUNDAY = 6

    @property
    def is_weekend(self) -> bool:
        return self >= Weekday.SATURDAY

    @property
    def code(self) -> str:
        """The two letters used by iCalendar."""
        return self.name[:2]

    @property
    def title(self) -> str:
        return self.name.capitalize()

    @classmethod
    def parse(cls, text: str) -> "Weekday":
        """Reads a full name, its plural, or an abbreviation of at least three letters."""
        word = text.strip().lower().rstrip(".")
        if word.endswith("s") and len(word) > 5:
            word = word[:-1]
        matches = [day for day in cls if len(word) >= 3 and day.name.lower().startswith(word)]
        if len(matches) != 1:
            raise ParseError(text, "not a day of the week")
        return matches[0]


def start_of_week(day: date) -> date:
    """The Monday of the week that holds ``day``."""
    return day - timedelta(days=day.weekday())


def on_or_after(day: date, weekday: Weekday) -> date:
    return day + timedelta(days=(weekday - day.weekday()) % 7)


def on_or_before(day: date, weekday: Weekday) -> date:
    return day - timedelta(days=(day.weekday() - weekday) % 7)
