"""Calendar durations: months and days are kept apart, because a month has no fixed length."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from .errors import ParseError
from .months import shift_months

_ISO = re.compile(r"^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?$", re.IGNORECASE)
_PART = re.compile(r"(\d+)\s*([a-z]+)", re.IGNORECASE)
_UNITS = {
    "y": ("months", 12), "year": ("months", 12),
    "mo": ("months", 1), "month": ("months", 1), "quarter": ("months", 3),
    "w": ("days", 7), "week": ("days", 7),
    "d": ("days", 1), "day": ("days", 1),
}


@dataclass(frozen=True)
class Duration:
    months: int = 0
    days: int = 0

    @classmethod
    def parse(cls, text: str) -> "Duration":
        """Reads ISO 8601 (``P1Y2M10D``) or words (``1 year, 2 months and 10 days``)."""
        iso = _ISO.match(text.strip())
        if iso and any(iso.groups()):
            years, months, weeks, days = (int(group or 0) for group in iso.groups())
            return cls(years * 12 + months, weeks * 7 + days)
        return cls._parse_words(text)

    @classmethod
    def _parse_words(cls, text: str) -> "Duration":
        total = {"months": 0, "days": 0}
        rest = _PART.sub("", text)
        if re.sub(r"\band\b|[,\s]", "", rest):
            raise ParseError(text, "not a duration")
        parts = _PART.findall(text)
        if not parts:
            raise ParseError(text, "no amount")
        for amount, unit in parts:
            name = unit.lower()
            known = _UNITS.get(name) or _UNITS.get(name.rstrip("s"))
            if known is None:
                raise ParseError(text, f"unknown unit {unit!r}")
            kind, factor = known
            total[kind] += int(amount) * factor
        return cls(**total)

    def __add__(self, other: "Duration") -> "Duration":
        return Duration(self.months + other.months, self.days + other.days)

    def __mul__(self, times: int) -> "Duration":
        return Duration(self.months * times, self.days * times)

    def after(self, day: date) -> date:
        """``day`` moved forward: months first, then days."""
        return shift_months(day, self.months) + timedelta(days=self.days)

    def before(self, day: date) -> date:
        return shift_months(day, -self.months) - timedelta(days=self.days)

    def __str__(self) -> str:
        years, months = divmod(self.months, 12)
        parts = [f"{n}{unit}" for n, unit in ((years, "Y"), (months, "M"), (self.days, "D")) if n]
        return "P" + "".join(parts) if parts else "P0D"
